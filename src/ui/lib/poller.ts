import { Unreachable } from './client.js';

const MAX_BACKOFF_MS = 30_000;

/** What a poller does, and its callbacks. */
export interface PollerOptions<T> {
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly answered: (answer: T) => void;
  /** Called with every failure, and the time of the next try. */
  readonly failed: (error: Error, retryInMs: number) => void;
  /** From one answer to the next question. */
  readonly intervalMs: () => number;
}

/**
 * Asks again and again, never twice at a time: at its interval while all is well, ever more rarely (up to half a minute)
 * while nobody answers, and not at all while the page is hidden; at once when it is shown again or the network is back.
 */
export class Poller<T> {
  readonly #options: PollerOptions<T>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  #failures = 0;
  #running = false;

  constructor(options: PollerOptions<T>) {
    this.#options = options;
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#rest();
      else this.#resume();
    });
    window.addEventListener('online', () => this.#resume());
  }

  /** Asks at once; what is being asked already is no longer of interest. */
  askNow(): void {
    this.#running = true;
    this.#rest();
    void this.#ask();
  }

  stop(): void {
    this.#running = false;
    this.#rest();
  }

  #resume(): void {
    if (this.#running) this.askNow();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = undefined;
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    let waitMs: number;
    try {
      const answer = await this.#options.ask(asking.signal);
      if (asking.signal.aborted) return;
      this.#failures = 0;
      this.#options.answered(answer);
      waitMs = this.#options.intervalMs();
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#failures++;
      waitMs = backoffMs(this.#failures, Math.random());
      this.#options.failed(error as Error, waitMs);
      if (!(error instanceof Unreachable)) waitMs = Math.max(waitMs, this.#options.intervalMs());
    }
    // The callback may have asked again, or stopped.
    if (!asking.signal.aborted && !document.hidden) this.#timer = setTimeout(() => void this.#ask(), waitMs);
  }
}

/** 1 s, doubled at every further failure up to half a minute, less up to a quarter so that pages spread out. */
export function backoffMs(failures: number, random: number): number {
  return Math.min(1000 * 2 ** (failures - 1), MAX_BACKOFF_MS) * (1 - random / 4);
}
