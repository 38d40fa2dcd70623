import { TimeSlice } from '../../lib/time-slice.js';
import { blockKey, encodeLabelBlock } from '../../model/labels/label-block.js';
import { type Labels, makeLabels } from '../../model/labels/labels.js';
import type { Rule, RuleQuery } from '../../model/settings/settings.js';
import type { HistorySeries } from '../../remote/read/history-client.js';
import type { RangeQuery } from '../../remote/read/range-queries.js';
import type { SeriesStore } from '../../series/series-store.js';

/** Prometheus refuses more points than this (11,000) in one series. */
const MAX_POINTS = 10_000;
/** The source has the samples of the timestamp itself by then. */
const MAX_SETTLE_MS = 1_000;

/** A rule with a query. */
export type QueryRule = Rule & { readonly query: RuleQuery };

/** What is known of one query: up to which evaluation timestamp it was answered, and which series the last answer had. */
export class PolledQuery {
  readonly rule: QueryRule;
  /** Failures since the last answer. */
  failures = 0;
  /** It is not asked before. */
  retryAtMs = Number.NEGATIVE_INFINITY;
  isRunning = false;
  /** The first evaluation timestamp without an answer: a multiple of the step. */
  #nextMs: number;
  /** Evaluations in one request, at most. */
  #maxPoints: number;
  readonly #mostPoints: number;
  /** Label blocks of the series that the last evaluation had, by their bytes in Latin-1. */
  #present = new Map<string, Uint8Array>();

  /** Everything up to `answeredMs` is known, −Infinity for nothing; `windowMs` is the longest range of one request. */
  constructor(rule: QueryRule, answeredMs: number, windowMs: number) {
    const { stepMs } = rule.settings;
    this.rule = rule;
    this.#nextMs = (Math.floor(answeredMs / stepMs) + 1) * stepMs;
    this.#mostPoints = Math.max(1, Math.min(MAX_POINTS, Math.floor(windowMs / stepMs)));
    this.#maxPoints = this.#mostPoints;
  }

  /** When it is evaluated next. */
  get dueMs(): number {
    const { query, settings } = this.rule;
    const settleMs = Math.min(MAX_SETTLE_MS, settings.publishDelayMs / 4);
    return Math.max(this.#nextMs + query.offsetMs + settleMs, this.retryAtMs);
  }

  /** How long ago the newest timestamp was that it could be asked for and is not answered. */
  lagMs(nowMs: number): number {
    const { query, settings } = this.rule;
    const lastMs = Math.max(this.#nextMs - settings.stepMs, nowMs - settings.historyMs);
    return Math.max(0, nowMs - query.offsetMs - lastMs);
  }

  /** Whether all is answered that can be. */
  hasCaughtUp(nowMs: number): boolean {
    return this.#nextMs > this.#newestMs(nowMs);
  }

  /** The next request, oldest timestamps first; undefined where none is due. What is older than the history is not asked for. */
  nextRange(nowMs: number): RangeQuery | undefined {
    const { name, query, settings } = this.rule;
    const { stepMs, historyMs } = settings;
    const oldestMs = (Math.floor((nowMs - historyMs) / stepMs) + 2) * stepMs;
    const startMs = Math.max(this.#nextMs, oldestMs);
    const newestMs = this.#newestMs(nowMs);
    if (startMs > newestMs) return undefined;
    const endMs = Math.min(newestMs, startMs + (this.#maxPoints - 1) * stepMs);
    return { expression: query.expression, metric: name, startMs, endMs, stepMs };
  }

  /** Has the next request ask for an eighth of `range`. Returns false where that was one timestamp already. */
  askForLess({ startMs, endMs, stepMs }: RangeQuery): boolean {
    if (startMs === endMs) return false;
    const points = (endMs - startMs) / stepMs + 1;
    this.#maxPoints = Math.max(1, Math.floor(points / 8));
    return true;
  }

  /**
   * Stores the answer to `range`, pausing for other events. A series that the last evaluation has no more has ended, as a
   * recording rule ends it. Throws as reading the answer does; asked again, what was stored already is ignored.
   */
  async accept(
    answer: Iterable<HistorySeries>,
    range: RangeQuery,
    store: SeriesStore,
    now: () => number,
  ): Promise<void> {
    const present = new Map<string, Uint8Array>();
    const slice = new TimeSlice();
    const { source, labels: added } = this.rule.query;
    for (const { labels, samples } of answer) {
      const block = encodeLabelBlock(withLabels(labels, added));
      store.beginRequest(now(), source);
      const ref = store.resolve(block, 0, block.length);
      if (ref < 0) {
        store.countUntracked(ref);
        continue;
      }
      const { timesMs, values } = samples;
      for (let i = 0; i < timesMs.length; i++) store.append(ref, sampleTimeMs(timesMs[i]!), values[i]!);
      const lastMs = timesMs.at(-1) ?? Number.NEGATIVE_INFINITY;
      if (lastMs === range.endMs) present.set(blockKey(block), block);
      else if (lastMs > Number.NEGATIVE_INFINITY) store.appendStale(ref, sampleTimeMs(lastMs + range.stepMs));
      if (slice.isOver) await slice.pause();
    }
    store.beginRequest(now(), source);
    for (const [key, block] of this.#present) {
      if (present.has(key)) continue;
      const ref = store.resolve(block, 0, block.length);
      if (ref >= 0) store.appendStale(ref, sampleTimeMs(range.startMs));
    }
    this.#present = present;
    this.#nextMs = range.endMs + range.stepMs;
    this.#maxPoints = Math.min(this.#mostPoints, 2 * this.#maxPoints);
    this.failures = 0;
    this.retryAtMs = Number.NEGATIVE_INFINITY;
  }

  #newestMs(nowMs: number): number {
    const { query, settings } = this.rule;
    return Math.floor((nowMs - query.offsetMs) / settings.stepMs) * settings.stepMs;
  }
}

/** A value at a timestamp is that of the step before it, which ends there: it can be scored at once. */
function sampleTimeMs(evaluationMs: number): number {
  return evaluationMs - 1;
}

function withLabels(labels: Labels, added: Readonly<Record<string, string>>): Labels {
  const pairs = new Map(labels.map(({ name, value }) => [name, value]));
  for (const [name, value] of Object.entries(added)) pairs.set(name, value);
  return makeLabels(pairs);
}
