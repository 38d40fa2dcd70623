/** Where Node.js has no such flag, it has no `require()` of modules either. */
const BY_IMPORT = '--no-experimental-require-module';

/**
 * Flags of worker threads that Piscina loads a module into. It tries `require()` first, and a thread that ends in the
 * middle of that ends the whole process ("v8::Module::IsGraphAsync must be used on an instantiated module", Node.js
 * 20.20), before a failed start could log its reason. With these flags it uses `import()`, which has no such fault.
 */
export const THREAD_FLAGS: readonly string[] = process.allowedNodeEnvironmentFlags.has(BY_IMPORT) ? [BY_IMPORT] : [];
