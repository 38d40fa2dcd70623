import type { Logger } from 'pino';
import { pause } from '../../lib/pause.js';
import type { QuerySourceSettings } from '../../model/settings/endpoint.js';
import type { Rule } from '../../model/settings/settings.js';
import { backoffMs } from '../../remote/http/backoff.js';
import { HistoryError } from '../../remote/read/history-error.js';
import type { RangeQueries } from '../../remote/read/range-queries.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { PolledQuery } from './polled-query.js';

const MIN_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
/** Never asleep for longer, because the clock may be set. */
const MAX_SLEEP_MS = 10_000;

export type PollOutcome = 'success' | 'too_much' | 'failure';

type Client = Pick<RangeQueries, 'ask' | 'close'>;

export interface SourcePollerOptions {
  readonly connect: (source: QuerySourceSettings) => Client;
  readonly store: SeriesStore;
  /** Called with the rule of a query whenever it has caught up with the present after more than one evaluation. */
  readonly onCaughtUp: (rule: Rule) => void;
  /** Called for every request, with the error of one that failed. */
  readonly onOutcome: (query: PolledQuery, outcome: PollOutcome, error?: HistoryError) => void;
  readonly log: Logger;
  readonly now: () => number;
}

/**
 * Polls the queries of one source: the most overdue first, a few at a time, with a pause after every answer. A query that fails
 * is retried with backoff; a range that is too much is asked for in parts.
 */
export class SourcePoller {
  readonly #source: QuerySourceSettings;
  readonly #options: SourcePollerOptions;
  readonly #clients: readonly Client[];
  readonly #idle: Client[];
  readonly #stop = new AbortController();
  #queries: readonly PolledQuery[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(source: QuerySourceSettings, options: SourcePollerOptions) {
    this.#source = source;
    this.#options = options;
    this.#clients = Array.from({ length: source.maxConcurrentRequests }, () => options.connect(source));
    this.#idle = [...this.#clients];
  }

  /** The longest range of one request. */
  get windowMs(): number {
    return this.#source.windowMs;
  }

  /** Replaces the queries; what is under way of a former one is not taken in. */
  setQueries(queries: readonly PolledQuery[]): void {
    this.#queries = queries;
    this.#wake();
  }

  /** Gives up what is under way. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stop.abort(new Error('Sentio is stopping'));
    for (const client of this.#clients) client.close().catch((err) => this.#fault(err));
  }

  /** Starts what is due, and sleeps until the next is. */
  #wake(): void {
    clearTimeout(this.#timer);
    if (this.#stop.signal.aborted) return;
    const nowMs = this.#options.now();
    const waiting = this.#queries.filter(({ isRunning }) => !isRunning).sort((a, b) => a.dueMs - b.dueMs);
    for (const query of waiting) {
      if (query.dueMs > nowMs) {
        this.#timer = setTimeout(() => this.#wake(), Math.min(query.dueMs - nowMs, MAX_SLEEP_MS));
        return;
      }
      const client = this.#idle.pop();
      if (client === undefined) return;
      query.isRunning = true;
      this.#poll(client, query)
        .catch((err) => this.#fault(err))
        .finally(() => {
          query.isRunning = false;
          this.#idle.push(client);
          this.#wake();
        });
    }
  }

  /** One request, and the pause after it. */
  async #poll(client: Client, query: PolledQuery): Promise<void> {
    const { store, now, onCaughtUp, onOutcome } = this.#options;
    const range = query.nextRange(now());
    if (range === undefined) return;
    try {
      const answer = await client.ask(range, this.#stop.signal);
      if (!this.#queries.includes(query)) return;
      await query.accept(answer, range, store, now);
      onOutcome(query, 'success');
      if (range.startMs !== range.endMs && query.hasCaughtUp(now())) onCaughtUp(query.rule);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!(error instanceof HistoryError)) throw error;
      if (error.isTooMuch && query.askForLess(range)) {
        onOutcome(query, 'too_much');
      } else {
        query.failures++;
        query.retryAtMs = now() + (error.retryAfterMs ?? backoffMs(query.failures, MIN_BACKOFF_MS, MAX_BACKOFF_MS));
        onOutcome(query, 'failure', error);
      }
    }
    await pause(this.#source.pauseMs, this.#stop.signal);
  }

  #fault(err: unknown): void {
    this.#options.log.error({ err, source: this.#source.name }, 'polling a source failed');
  }
}
