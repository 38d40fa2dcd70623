import { readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';

/** Added to the niceness of the process: a tenth of the weight. */
const NICENESS = 10;

/**
 * Gives the main thread precedence over this one, which gets a tenth of a core that both compete for, and all of an
 * idle one. Other processes take precedence too if the kernel schedules them in the same group (sched(7), "The
 * autogroup feature"). Only Linux has a niceness per thread (setpriority(2), "C library/kernel differences") and
 * `/proc/thread-self`; elsewhere this does nothing.
 */
export function yieldToMainThread(): void {
  try {
    // PID/task/TID
    const threadId = Number(basename(readlinkSync('/proc/thread-self')));
    setPriority(threadId, Math.min(constants.priority.PRIORITY_LOW, getPriority(threadId) + NICENESS));
  } catch {
    // Not Linux, or a sandbox without `/proc/thread-self`: fits keep the priority of the process.
  }
}
