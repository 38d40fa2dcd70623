import { readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';

/** Added to the niceness of the process: a tenth of the weight. */
const NICENESS = 10;

/**
 * Has the kernel prefer everything else on the machine to this thread: it gets a tenth of a core that another wants as well,
 * and all of one that is idle. Linux alone keeps a niceness for each thread (setpriority(2), "C library/kernel
 * differences"), and says under `/proc/thread-self` which one is asking; elsewhere this does nothing.
 */
export function yieldToOthers(): void {
  try {
    // PID/task/TID
    const threadId = Number(basename(readlinkSync('/proc/thread-self')));
    setPriority(threadId, Math.min(constants.priority.PRIORITY_LOW, getPriority(threadId) + NICENESS));
  } catch {
    // No Linux, or a sandbox that does not let threads be told apart: the fits share as they would have.
  }
}
