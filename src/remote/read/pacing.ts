import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../http/backoff.js';
import { HistoryError } from './history-error.js';

/** Statuses with which a server says that it is busy: Too Many Requests, and Service Unavailable. */
const BUSY = [429, 503];
/** Together about two minutes, where the server does not say how long. */
const MAX_ATTEMPTS = 8;
const MIN_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;
/** Longer than that nobody at a terminal waits for. */
const MAX_RETRY_AFTER_MS = 60_000;
/** Rest after an answer, as a share of the time it took: the server is ours for two thirds of the time at most. */
const REST_SHARE = 0.5;
const MAX_REST_MS = 2_000;

export interface PacingOptions {
  /** Called with the reason of a wait, a sentence. */
  readonly onWait?: (reason: string) => void;
  readonly now?: () => number;
  /** Waits, in milliseconds. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** Asks a server that has other work too: one question at a time, with rests, and later where it is busy. */
export class Pacing {
  readonly #onWait: (reason: string) => void;
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  #restMs = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ onWait = () => {}, now = Date.now, wait = (ms) => sleep(ms) }: PacingOptions = {}) {
    this.#onWait = onWait;
    this.#now = now;
    this.#wait = wait;
  }

  /** What `ask` answers, after all that was asked before. Rejects as `ask` does; where the server is busy after some more attempts. */
  ask<T>(ask: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(() => this.#attempt(ask));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #attempt<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#restMs > 0) await this.#wait(this.#restMs);
    for (let attempt = 1; ; attempt++) {
      const startMs = this.#now();
      try {
        return await ask();
      } catch (error) {
        if (!isBusy(error) || attempt === MAX_ATTEMPTS) throw error;
        const waitMs = Math.min(
          MAX_RETRY_AFTER_MS,
          error.retryAfterMs ?? backoffMs(attempt, MIN_BACKOFF_MS, MAX_BACKOFF_MS),
        );
        this.#onWait(`The server is busy (HTTP ${error.status}): next attempt in ${Math.ceil(waitMs / 1000)} s`);
        await this.#wait(waitMs);
      } finally {
        this.#restMs = Math.min(MAX_REST_MS, REST_SHARE * (this.#now() - startMs));
      }
    }
  }
}

function isBusy(error: unknown): error is HistoryError {
  return error instanceof HistoryError && error.status !== undefined && BUSY.includes(error.status);
}
