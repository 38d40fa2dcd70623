import { TimeSlice } from '../../lib/time-slice.js';

interface Waiting {
  readonly sinceMs: number;
  readonly run: (slice: TimeSlice) => Promise<void>;
}

/**
 * Runs pieces of work in the order in which they come, in slices of time: where many bodies have arrived at once, everything
 * else that is due runs between two slices rather than after all of them.
 */
export class Turns {
  readonly #waiting: Waiting[] = [];
  #isRunning = false;

  /** How long the one that is next has been waiting; 0 where there is none. */
  get waitMs(): number {
    const [next] = this.#waiting;
    return next === undefined ? 0 : performance.now() - next.sinceMs;
  }

  /** Runs `work` when its turn comes, to its end, in which it may pause; settles as it does. */
  take<T>(work: (slice: TimeSlice) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (slice: TimeSlice) => {
        try {
          resolve(await work(slice));
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ sinceMs: performance.now(), run });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const slice = new TimeSlice();
    while (this.#waiting.length > 0) {
      // The answer goes out before the next is begun, or after the slice at the latest.
      if (slice.isOver) await slice.pause();
      await this.#waiting.shift()!.run(slice);
    }
    this.#isRunning = false;
  }
}
