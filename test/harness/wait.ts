import { setTimeout as sleep } from 'node:timers/promises';

/** A suite that takes so long hangs: a guard, which no busy machine comes near to. */
export const HANG_MS = 10 * 60_000;

/** Asks every `intervalMs` until `probe` gives something other than `undefined` or `false`; throws after `deadlineMs`, naming `what` and the last failure. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { deadlineMs = 90_000, intervalMs = 200 } = {},
): Promise<T> {
  const start = Date.now();
  let failure: unknown;
  do {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await sleep(intervalMs);
  } while (Date.now() - start < deadlineMs);
  throw new Error(`Waited ${deadlineMs / 1000} s in vain: ${what}`, { cause: failure });
}
