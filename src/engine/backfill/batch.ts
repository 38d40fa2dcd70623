import { TimeSlice } from '../../lib/time-slice.js';
import { blockKey, encodeLabelBlock } from '../../model/labels/label-block.js';
import { formatLabels, labelValue, METRIC_NAME } from '../../model/labels/labels.js';
import { METADATA_LABELS } from '../../model/labels/metadata-labels.js';
import type { Samples } from '../../model/samples/columns.js';
import type { HistoryQuery, HistorySeries } from '../../remote/read/history-client.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import type { HistoryGap } from './history-gap.js';
import { historyMatchers } from './history-matchers.js';
import type { BackfillStats } from './stats.js';

/** The last sample of a counter in a window. */
interface Carried {
  readonly timeMs: number;
  readonly value: number;
}

/**
 * Series that are backfilled together, window by window, oldest first. A window begins and ends where coarse buckets do, so
 * that no bucket is made of a part of its samples. A window that failed can be requested again.
 */
export class BackfillBatch {
  readonly #store: SeriesStore;
  readonly #externalLabels: ReadonlySet<string>;
  readonly #stats: BackfillStats;
  /** By canonical label block, in Latin-1. */
  readonly #members = new Map<string, HistoryGap>();
  readonly #query: Omit<HistoryQuery, 'startMs' | 'endMs'>;
  /** How far past its end a window is asked for: a step is taken for whole where there is a sample of a later one. */
  readonly #evidenceMs: number;
  readonly #bucketMs: number;
  readonly #startMs: number;
  readonly #endMs: number;
  #windowMs: number;
  /** Where the next window begins. */
  #nextMs: number;
  /** A rate needs the sample before: that of every counter, by all its labels, because a replica is a counter of its own. */
  #carried = new Map<string, Carried>();

  /** `gaps`: at least one, of one group of `BackfillGroups`. `windowMs` is rounded up to a multiple of the coarse bucket. */
  constructor(
    gaps: readonly HistoryGap[],
    options: {
      store: SeriesStore;
      externalLabels: ReadonlySet<string>;
      stats: BackfillStats;
      windowMs: number;
    },
  ) {
    const { store, externalLabels } = options;
    const [
      {
        series: { id },
      },
    ] = gaps as [HistoryGap];
    const { resolutionMs, stepMs } = store.settings(id);
    this.#store = store;
    this.#externalLabels = externalLabels;
    this.#stats = options.stats;
    for (const gap of gaps) this.#members.set(blockKey(store.block(gap.series.id)), gap);
    this.#query = {
      metric: labelValue(store.labels(id), METRIC_NAME),
      matchers: historyMatchers(
        gaps.map(({ series }) => store.sourceLabels(series.id)),
        externalLabels,
      ),
      stepMs,
      aggregate: store.aggregate(id),
    };
    this.#bucketMs = resolutionMs;
    this.#windowMs = Math.ceil(options.windowMs / resolutionMs) * resolutionMs;
    this.#evidenceMs = gaps.some(({ repairFromMs }) => repairFromMs < Number.POSITIVE_INFINITY) ? stepMs : 0;
    this.#startMs = Math.min(...gaps.map(({ startMs }) => startMs));
    this.#endMs = Math.max(...gaps.map(({ endMs }) => endMs));
    this.#nextMs = this.#startMs;
  }

  get gaps(): readonly HistoryGap[] {
    return [...this.#members.values()];
  }

  get units(): number {
    let units = 0;
    for (const gap of this.#members.values()) units += gap.units;
    return units;
  }

  /** Share of the range that is done. */
  get progress(): number {
    const rangeMs = this.#endMs - this.#startMs;
    return rangeMs <= 0 ? 1 : Math.min(1, (this.#nextMs - this.#startMs) / rangeMs);
  }

  /** The next request; undefined where all is done or no series is left. */
  get nextQuery(): HistoryQuery | undefined {
    if (this.#members.size === 0 || this.#nextMs >= this.#endMs) return undefined;
    return { ...this.#query, startMs: this.#nextMs, endMs: this.#askedUntilMs(this.#windowEndMs()) };
  }

  /** Halves the window. Returns false where it would be less than one coarse bucket. */
  halve(): boolean {
    const buckets = Math.floor(this.#windowMs / this.#bucketMs / 2);
    this.#windowMs = buckets * this.#bucketMs;
    return buckets > 0;
  }

  /** Removes a series that is no longer tracked. */
  remove(series: TrackedSeries): void {
    for (const [key, member] of this.#members) if (member.series === series) this.#members.delete(key);
  }

  /** Stores the answer to `nextQuery`, pausing for other events, and moves to the next window. */
  async accept(answer: Iterable<HistorySeries>): Promise<void> {
    const carried = new Map<string, Carried>();
    const slice = new TimeSlice();
    const range = { startMs: this.#nextMs, endMs: this.#windowEndMs() };
    for (const series of answer) {
      this.#acceptSeries(series, range, carried);
      if (slice.isOver) await slice.pause();
    }
    this.#carried = carried;
    this.#nextMs = range.endMs;
  }

  #acceptSeries(
    { labels, samples, histograms }: HistorySeries,
    range: { startMs: number; endMs: number },
    carried: Map<string, Carried>,
  ): void {
    const stats = this.#stats;
    stats.histograms += histograms;
    const identity = labels.filter(({ name }) => !this.#externalLabels.has(name) && !METADATA_LABELS.has(name));
    const member = this.#members.get(blockKey(encodeLabelBlock(identity)));
    if (member === undefined) {
      stats.unasked++;
      return;
    }
    // Chunks reach beyond the window that was requested.
    const asked = between(samples, range.startMs, range.endMs);
    const past = between(asked, range.startMs, Math.min(range.endMs, member.endMs));
    stats.live += asked.timesMs.length - past.timesMs.length;
    const { length } = past.timesMs;
    if (length === 0) return;
    // Only samples of the next window show that the last step of this one is complete; it is read again with them.
    let joined = between(samples, range.startMs, Math.min(this.#askedUntilMs(range.endMs), member.endMs));
    if (this.#query.aggregate === 'rate') {
      const key = formatLabels(labels);
      joined = prepend(this.#carried.get(key), joined);
      const last = past.values.findLastIndex(Number.isFinite);
      if (last >= 0) carried.set(key, { timeMs: past.timesMs[last]!, value: past.values[last]! });
    }
    const { notFinite, fineFilled, coarseFilled } = this.#store.backfill(member.series.id, joined, member.repairFromMs);
    stats.samples += length;
    stats.notFinite += notFinite;
    stats.buckets += fineFilled + coarseFilled;
  }

  #askedUntilMs(windowEndMs: number): number {
    return Math.min(windowEndMs + this.#evidenceMs, this.#endMs);
  }

  #windowEndMs(): number {
    const windowMs = this.#windowMs;
    return Math.min((Math.floor(this.#nextMs / windowMs) + 1) * windowMs, this.#endMs);
  }
}

/** The samples in [fromMs, toMs), as views. */
function between({ timesMs, values }: Samples, fromMs: number, toMs: number): Samples {
  const start = firstAtOrAfter(timesMs, fromMs);
  const end = Math.max(start, firstAtOrAfter(timesMs, toMs));
  return { timesMs: timesMs.subarray(start, end), values: values.subarray(start, end) };
}

function firstAtOrAfter(timesMs: Float64Array, timeMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function prepend(carried: Carried | undefined, { timesMs, values }: Samples): Samples {
  if (carried === undefined) return { timesMs, values };
  const joined = { timesMs: new Float64Array(timesMs.length + 1), values: new Float64Array(values.length + 1) };
  joined.timesMs[0] = carried.timeMs;
  joined.values[0] = carried.value;
  joined.timesMs.set(timesMs, 1);
  joined.values.set(values, 1);
  return joined;
}
