/**
 * Ends the process. Where a file operation is under way it may hang in the kernel, as on a dead NFS server, and
 * `process.exit()` would wait for its thread: then the process ends as one that does not listen for SIGTERM does (143).
 */
export function exitNow(code: number): never {
  const isFileOpen = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  if (!isFileOpen) process.exit(code);
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
  // Process 1 of a container gets here: the kernel does not deliver signals without a listener to it, except those of a crash.
  process.abort();
}
