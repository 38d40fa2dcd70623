/** Where Node.js has no such flag, it has no `require()` of modules either. */
const BY_IMPORT = '--no-experimental-require-module';

/**
 * Flags of worker threads that Piscina loads a module into. It tries `require()` first, and a thread that is ended in the
 * midst of that takes the whole process along ("v8::Module::IsGraphAsync must be used on an instantiated module", Node.js
 * 20.20): a start that failed for its port did not get to say so. With these it goes by `import()`, which does not mind.
 */
export const THREAD_FLAGS: readonly string[] = process.allowedNodeEnvironmentFlags.has(BY_IMPORT) ? [BY_IMPORT] : [];
