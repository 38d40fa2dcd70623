import { pause } from '../../lib/pause.js';
import type { RemoteReadSettings } from '../../model/settings/endpoint.js';
import { backoffMs } from '../../remote/http/backoff.js';
import type { HistoryClient } from '../../remote/read/history-client.js';
import { HistoryError } from '../../remote/read/history-error.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { BackfillBatch } from './batch.js';
import { BackfillGroups } from './groups.js';
import type { HistoryGap } from './history-gap.js';
import type { BackfillStats } from './stats.js';

/** A database that is starting answers after seconds; one that is down is asked once a minute. */
const MIN_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
/** Series × steps in one answer of query_range: some 3 MB of JSON, parsed at one go. */
const MAX_POINTS = 100_000;
/** Prometheus refuses more points than this (11,000) in one series. */
const MAX_POINTS_PER_SERIES = 10_000;

export type RequestOutcome = 'ok' | 'too_much' | 'failed';

export interface SourceWorkerOptions {
  readonly source: RemoteReadSettings;
  readonly connect: (source: RemoteReadSettings) => HistoryClient;
  readonly store: SeriesStore;
  readonly externalLabels: ReadonlySet<string>;
  readonly stats: BackfillStats;
  /** Called for every request. */
  readonly onRequest: (outcome: RequestOutcome, error?: HistoryError) => void;
  /** Called for every gap that is done, with the error where its history was given up. */
  readonly onDone: (gap: HistoryGap, error: HistoryError | undefined) => void;
  /** Called with faults of our own, which are no outcome of a request. The worker continues with the next batch. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Fetches history from one database: batch after batch, a few at a time, each with a pause after every answer. A request
 * that fails is retried with backoff; one that is too much is sent again as two halves. A server that has no history is not
 * asked again.
 */
export class SourceWorker {
  readonly #options: SourceWorkerOptions;
  readonly #groups: BackfillGroups;
  readonly #readsHistograms: boolean;
  readonly #running = new Set<BackfillBatch>();
  readonly #idle: HistoryClient[];
  readonly #clients: readonly HistoryClient[];
  readonly #stop = new AbortController();
  /** What a server that has no history answered. */
  #isWithoutHistory: HistoryError | undefined;

  constructor(options: SourceWorkerOptions) {
    const { source, connect, store } = options;
    this.#options = options;
    this.#readsHistograms = source.api === 'remote_read';
    this.#groups = new BackfillGroups(store, { readsHistograms: this.#readsHistograms });
    this.#clients = Array.from({ length: source.maxConcurrentRequests }, () => connect(source));
    this.#idle = [...this.#clients];
  }

  /** Progress units that remain; running batches count by the share that remains. */
  get remaining(): number {
    let remaining = this.#groups.units;
    for (const batch of this.#running) remaining += batch.units * (1 - batch.progress);
    return remaining;
  }

  /** Progress units of the gaps that are not done. */
  get units(): number {
    let units = this.#groups.units;
    for (const batch of this.#running) units += batch.units;
    return units;
  }

  /** Adds a gap; it is read from the next turn of the event loop on, together with those that are added until then. */
  add(gap: HistoryGap): void {
    this.#groups.add(gap);
    if (this.#idle.length > 0) setImmediate(() => this.#start());
  }

  /** Forgets a series that is no longer tracked. */
  remove(series: TrackedSeries): void {
    this.#groups.delete(series);
    for (const batch of this.#running) batch.remove(series);
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#stop.abort(new Error('Sentio is stopping'));
    for (const client of this.#clients) client.close().catch(this.#options.onFault);
  }

  #start(): void {
    while (!this.#stop.signal.aborted && this.#groups.size > 0) {
      const client = this.#idle.pop();
      if (client === undefined) return;
      this.#work(client)
        .catch(this.#options.onFault)
        .finally(() => {
          this.#idle.push(client);
          this.#start();
        });
    }
  }

  /** Reads one batch. */
  async #work(client: HistoryClient): Promise<void> {
    const { source, store, externalLabels, stats, onDone } = this.#options;
    const gaps = this.#groups.take(source.maxSeriesPerRequest);
    const windowMs = this.#windowMs(gaps);
    const batch = new BackfillBatch(gaps, {
      store,
      externalLabels,
      stats,
      windowMs,
      readsHistograms: this.#readsHistograms,
    });
    this.#running.add(batch);
    const error = await this.#read(client, batch);
    this.#running.delete(batch);
    if (this.#stop.signal.aborted) return;
    for (const gap of batch.gaps) onDone(gap, error);
  }

  /** Reads all of the history, or returns why it is given up. */
  async #read(client: HistoryClient, batch: BackfillBatch): Promise<HistoryError | undefined> {
    const { source, onRequest } = this.#options;
    const { signal } = this.#stop;
    let failures = 0;
    for (let query = batch.nextQuery; query !== undefined; query = batch.nextQuery) {
      if (this.#isWithoutHistory !== undefined) return this.#isWithoutHistory;
      let waitMs = source.pauseMs;
      try {
        await batch.accept(await client.fetch(query, signal));
        failures = 0;
        onRequest('ok');
      } catch (error) {
        if (signal.aborted) return undefined;
        // Anything else is a fault of our own, which no retry would cure.
        if (!(error instanceof HistoryError)) return new HistoryError(String(error), { cause: error });
        if (this.#isWithoutHistory !== undefined) return this.#isWithoutHistory;
        onRequest(error.isTooMuch ? 'too_much' : 'failed', error);
        if (error.isForever) {
          this.#isWithoutHistory = error;
          return error;
        }
        if (error.isTooMuch) {
          if (!batch.halve()) return error;
        } else {
          failures++;
          waitMs = error.retryAfterMs ?? backoffMs(failures, MIN_BACKOFF_MS, MAX_BACKOFF_MS);
        }
      }
      await pause(waitMs, signal);
      if (signal.aborted) return undefined;
    }
    return undefined;
  }

  /** As configured, or less, so that an answer of query_range stays small. */
  #windowMs([first, ...others]: readonly HistoryGap[]): number {
    const { source, store } = this.#options;
    if (source.api === 'remote_read' || first === undefined) return source.windowMs;
    const points = Math.min(MAX_POINTS_PER_SERIES, Math.floor(MAX_POINTS / (1 + others.length)));
    return Math.min(source.windowMs, points * store.settings(first.series.id).stepMs);
  }
}
