import { readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';

/** Added to the niceness of the process: a tenth of the weight. */
const NICENESS = 10;

/**
 * Has the kernel prefer the main thread to this one: this gets a tenth of a core that the main thread wants as well, and all
 * of one that is idle. Of other processes that goes for those which the kernel weighs in one group with this (sched(7), "The
 * autogroup feature"). Linux alone keeps a niceness for each thread (setpriority(2), "C library/kernel differences"), and
 * says under `/proc/thread-self` which one is asking; elsewhere this does nothing.
 */
export function yieldToMainThread(): void {
  try {
    // PID/task/TID
    const threadId = Number(basename(readlinkSync('/proc/thread-self')));
    setPriority(threadId, Math.min(constants.priority.PRIORITY_LOW, getPriority(threadId) + NICENESS));
  } catch {
    // No Linux, or a sandbox that does not let threads be told apart: the fits share as they would have.
  }
}
