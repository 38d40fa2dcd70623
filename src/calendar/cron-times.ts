import { Cron } from 'croner';
import { UsageError } from '../lib/errors.js';

/** What cron counts in. */
const SECOND_MS = 1000;

/** A cron expression of five fields, evaluated on a local clock: the times are readings of it. */
export class CronTimes {
  readonly #cron: Cron;

  /** Throws `UsageError` for what is no such expression. */
  constructor(expression: string) {
    try {
      // Local times are handed to it as those of a UTC clock.
      this.#cron = new Cron(expression, { timezone: 'UTC', mode: '5-part', paused: true });
    } catch (cause) {
      throw new UsageError(
        `must be a cron expression of five fields: ${(cause as Error).message.replace(/^CronPattern: /, '')}`,
        { cause },
      );
    }
  }

  /** The first time after one; undefined where there is none. */
  next(timeMs: number): number | undefined {
    return this.#cron.nextRun(new Date(timeMs))?.getTime();
  }

  /** The times in [fromMs, toMs), in order. */
  between(fromMs: number, toMs: number): number[] {
    const times: number[] = [];
    let next = this.next(Math.ceil(fromMs / SECOND_MS) * SECOND_MS - SECOND_MS);
    for (; next !== undefined && next < toMs; next = this.next(next)) times.push(next);
    return times;
  }
}
