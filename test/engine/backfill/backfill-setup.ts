import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Backfill } from '#src/engine/backfill/backfill.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { type Labels, makeLabels } from '#src/model/labels/labels.js';
import { compileMatchers } from '#src/model/labels/matcher.js';
import type { RemoteReadSettings } from '#src/model/settings/endpoint.js';
import type { HistoryClient, HistoryQuery, HistorySeries } from '#src/remote/read/history-client.js';
import type { HistoryError } from '#src/remote/read/history-error.js';
import { HOUR, MINUTE, SECOND } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

export const HISTORY_MS = 10 * HOUR;
/** Buckets of 7 minutes fit into no hour. */
export const RULE = 'history: 10h\n    resolution: 7m';

export const SOURCE: RemoteReadSettings = {
  name: 'prometheus',
  url: 'http://localhost/api/v1/read',
  credentials: {},
  headers: {},
  timeoutMs: 1000,
  api: 'remote_read',
  windowMs: HOUR,
  maxSeriesPerRequest: 3,
  maxConcurrentRequests: 2,
  pauseMs: 0,
};

/** A database of these series, each with a sample every `everyMs` whose value is a function of its time. */
export class Database implements HistoryClient {
  readonly asked: HistoryQuery[] = [];
  readonly #series: readonly Labels[];
  readonly #valueAt: (timeMs: number) => number;
  /** What is thrown instead of the next answers. */
  failures: HistoryError[] = [];
  closed = false;
  /** When the counter of a sample began. */
  startAt: ((timeMs: number) => number) | undefined;

  constructor(series: readonly Record<string, string>[], valueAt: (timeMs: number) => number) {
    this.#series = series.map((labels) => makeLabels(labels));
    this.#valueAt = valueAt;
  }

  async fetch(query: HistoryQuery): Promise<HistorySeries[]> {
    this.asked.push(query);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const matches = compileMatchers(query.matchers);
    return this.#series.filter(matches).map((labels) => ({ labels, samples: this.#samples(query), histograms: 1 }));
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** As chunks do, they reach over the range on either side. */
  #samples({ startMs, endMs }: HistoryQuery) {
    const times: number[] = [];
    for (
      let timeMs = Math.floor(startMs / SCRAPE) * SCRAPE - 10 * SCRAPE;
      timeMs < endMs + 10 * SCRAPE;
      timeMs += SCRAPE
    )
      times.push(timeMs);
    const startsMs = this.startAt && { startsMs: Float64Array.from(times, this.startAt) };
    return { timesMs: Float64Array.from(times), values: Float64Array.from(times, this.#valueAt), ...startsMs };
  }
}

/** Not a divisor of a minute, so that no bucket begins with a sample. */
export const SCRAPE = 17 * SECOND;

export function setUp(
  t: TestContext,
  database: Database,
  options: {
    rule?: string;
    sources?: RemoteReadSettings[];
    externalLabels?: string[];
    databases?: Database[];
    onDone?: (series: TrackedSeries) => void;
  } = {},
) {
  // So that no slice of time is over early because the machine is busy.
  t.mock.method(performance, 'now', () => 0);
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  const { store, appendTo } = storeWith('unused', options.rule ?? RULE);
  const sources = options.sources ?? [SOURCE];
  const databases = options.databases ?? [database];
  const done: TrackedSeries[] = [];
  const registry = new Registry();
  const logged: string[] = [];
  const backfill = new Backfill({
    sources,
    connect: (source) => databases[sources.indexOf(source)]!,
    store,
    externalLabels: options.externalLabels ?? [],
    onDone: (series) => {
      options.onDone?.(series);
      done.push(series);
    },
    log: pino({ base: null, timestamp: false }, { write: (line) => logged.push(line) }),
    now: Date.now,
    registry,
  });
  t.after(() => backfill.stop());
  const tracked = new Map<number, TrackedSeries>();
  store.listener = {
    seriesAdded: (id) => {
      const series = new TrackedSeries(id);
      tracked.set(id, series);
      backfill.add(series);
    },
    seriesRemoved: () => {},
    seriesReset: () => {},
    seriesResumed: (id, beforeMs) => backfill.repair(tracked.get(id)!, beforeMs),
  };
  /** A series that comes live. */
  const track = (labels: Record<string, string>, value = 0, timeMs = START) =>
    tracked.get(appendTo(labels, timeMs, value))!;
  /** Lets time pass until nothing is left to do, but at most an hour. */
  const finish = async () => {
    for (let i = 0; i < 3600; i++) {
      t.mock.timers.tick(1000);
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (backfill.progress.total === 0 && i > 2) return;
    }
  };
  const metric = async (line: RegExp) => Number(line.exec(await registry.metrics())?.[1]);
  return { store, backfill, done, track, finish, metric, logged, appendTo };
}

/** What the same samples had become if they had come live. */
export function live(rule: string, labels: Record<string, string>, valueAt: (timeMs: number) => number) {
  const { store, appendTo } = storeWith('unused', rule);
  let id = 0;
  for (let timeMs = Math.ceil((START - HISTORY_MS) / SCRAPE) * SCRAPE; timeMs < START; timeMs += SCRAPE)
    id = appendTo(labels, timeMs, valueAt(timeMs));
  return store.readHistory(id, 0, START - 10 * MINUTE);
}
