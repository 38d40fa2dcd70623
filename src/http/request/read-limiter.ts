import { RequestError } from './failure.js';

/** Reads under way at one time, answers that are being sent among them; the page and a few dashboards need far fewer. */
export const MAX_READS = 32;
const RETRY_AFTER_SECONDS = 2;

/** Limits concurrent reads, so that they cannot take memory or the event loop from writes, however many there are. */
export class ReadLimiter {
  #inflight = 0;

  /** Runs a read until its answer is sent. Rejects with `RequestError` (503) where no place is free. */
  async run<T>(read: () => Promise<T>): Promise<T> {
    if (this.#inflight >= MAX_READS) {
      throw new RequestError(
        'unavailable',
        `${MAX_READS} reads are already in flight, retry in ${RETRY_AFTER_SECONDS} s`,
        { 'retry-after': String(RETRY_AFTER_SECONDS) },
      );
    }
    this.#inflight++;
    try {
      return await read();
    } finally {
      this.#inflight--;
    }
  }

  get isFull(): boolean {
    return this.#inflight >= MAX_READS;
  }
}
