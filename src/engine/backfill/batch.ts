import { DerivedHistory, deriveWindow } from '../../histograms/derived-history.js';
import { TimeSlice } from '../../lib/time-slice.js';
import { blockKey, encodeLabelBlock } from '../../model/labels/label-block.js';
import { formatLabels, type Labels, labelValue, METRIC_NAME } from '../../model/labels/labels.js';
import { METADATA_LABELS } from '../../model/labels/metadata-labels.js';
import { withName } from '../../model/labels/metric-name.js';
import type { Samples } from '../../model/samples/columns.js';
import type { HistogramSample } from '../../model/samples/native-histogram.js';
import { HISTOGRAM_COUNT } from '../../model/settings/histogram-quantities.js';
import type { HistoryQuery, HistorySeries } from '../../remote/read/history-client.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { derivedFrom } from './derived-from.js';
import type { HistoryGap } from './history-gap.js';
import { historyMatchers } from './history-matchers.js';
import type { BackfillStats } from './stats.js';

/** A window of a request. */
interface Range {
  readonly startMs: number;
  readonly endMs: number;
}

/** What the next window goes on from. */
interface Next {
  readonly carried: Map<string, Carried>;
  readonly histories: Map<string, DerivedHistory>;
}

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
  /** Of native histograms: what is derived from each, by suffix; by the label block of the histogram, in Latin-1. */
  readonly #derived = new Map<string, Map<string, HistoryGap>>();
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
  /** Likewise what every series of histograms goes on from. */
  #histories = new Map<string, DerivedHistory>();

  /** `gaps`: at least one, of one group of `BackfillGroups`. `windowMs` is rounded up to a multiple of the coarse bucket. */
  constructor(
    gaps: readonly HistoryGap[],
    options: {
      store: SeriesStore;
      externalLabels: ReadonlySet<string>;
      stats: BackfillStats;
      windowMs: number;
      /** Whether the database gives native histograms. */
      readsHistograms: boolean;
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
    const family = options.readsHistograms ? derivedFrom(store, id)?.family : undefined;
    if (family !== undefined) for (const gap of gaps) this.#addDerived(gap);
    this.#query = {
      metric: family ?? labelValue(store.labels(id), METRIC_NAME),
      matchers: historyMatchers(
        gaps.flatMap(({ series }) => this.#askedLabels(series, family)),
        externalLabels,
      ),
      stepMs,
      aggregate: store.aggregate(id),
      ...(family !== undefined && { wantsHistograms: true }),
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
    for (const derived of this.#derived.values()) {
      for (const [suffix, member] of derived) if (member.series === series) derived.delete(suffix);
    }
  }

  /** Stores the answer to `nextQuery`, pausing for other events, and moves to the next window. */
  async accept(answer: Iterable<HistorySeries>): Promise<void> {
    const carried = new Map<string, Carried>();
    const histories = new Map<string, DerivedHistory>();
    const slice = new TimeSlice();
    const range = { startMs: this.#nextMs, endMs: this.#windowEndMs() };
    for (const series of answer) {
      this.#acceptSeries(series, range, { carried, histories });
      if (slice.isOver) await slice.pause();
    }
    this.#carried = carried;
    this.#histories = histories;
    this.#nextMs = range.endMs;
  }

  #addDerived(gap: HistoryGap): void {
    const { id } = gap.series;
    const { family, suffix } = derivedFrom(this.#store, id)!;
    const key = blockKey(encodeLabelBlock(withName(this.#store.labels(id), family)));
    const derived = this.#derived.get(key) ?? new Map<string, HistoryGap>();
    this.#derived.set(key, derived.set(suffix, gap));
  }

  /** The labels under which a series is in the database; of one that may be derived from histograms, also theirs. */
  #askedLabels({ id }: TrackedSeries, family: string | undefined): Labels[] {
    const labels = this.#store.sourceLabels(id);
    if (family === undefined) return [labels];
    const histogram = withName(labels, family);
    // Before the metric turned native it was a counter of this name.
    return labelValue(labels, METRIC_NAME) === family + HISTOGRAM_COUNT ? [histogram, labels] : [histogram];
  }

  #acceptSeries({ labels, samples, histograms, histogramSamples }: HistorySeries, range: Range, next: Next): void {
    const stats = this.#stats;
    const identity = labels.filter(({ name }) => !this.#externalLabels.has(name) && !METADATA_LABELS.has(name));
    const block = blockKey(encodeLabelBlock(identity));
    const member = this.#members.get(block);
    const derived = this.#derived.get(block);
    if (member === undefined && derived === undefined) stats.unasked++;
    // Prometheus 2.42 answers with the labels of a histogram and nothing else.
    if (derived === undefined || histogramSamples === undefined) stats.histograms += histograms;
    else if (histograms === 0 && samples.timesMs.length === 0) stats.histograms++;
    else this.#acceptHistograms(formatLabels(labels), histogramSamples, derived, range, next);
    if (member !== undefined) this.#acceptSamples(formatLabels(labels), samples, member, range, next);
  }

  #acceptSamples(key: string, samples: Samples, member: HistoryGap, range: Range, { carried }: Next): void {
    // Chunks reach beyond the window that was requested.
    const asked = between(samples, range.startMs, range.endMs);
    const past = between(asked, range.startMs, Math.min(range.endMs, member.endMs));
    this.#stats.live += asked.timesMs.length - past.timesMs.length;
    const { length } = past.timesMs;
    if (length === 0) return;
    // Only samples of the next window show that the last step of this one is complete; it is read again with them.
    let joined = between(samples, range.startMs, Math.min(this.#askedUntilMs(range.endMs), member.endMs));
    if (this.#store.aggregate(member.series.id) === 'rate') {
      joined = prepend(this.#carried.get(key), joined);
      const last = past.values.findLastIndex(Number.isFinite);
      if (last >= 0) carried.set(key, { timeMs: past.timesMs[last]!, value: past.values[last]! });
    }
    const { notFinite, fineFilled, coarseFilled } = this.#store.backfill(member.series.id, joined, member.repairFromMs);
    this.#stats.samples += length;
    this.#stats.notFinite += notFinite;
    this.#stats.buckets += fineFilled + coarseFilled;
  }

  /** Stores what is derived from the histograms of one series. */
  #acceptHistograms(
    key: string,
    histograms: Iterable<HistogramSample>,
    derived: ReadonlyMap<string, HistoryGap>,
    range: Range,
    next: Next,
  ): void {
    const [first] = derived.values();
    if (first === undefined) return;
    const { histogram, stepMs } = this.#store.settings(first.series.id);
    if (histogram === undefined) return;
    const history = new DerivedHistory(histogram, stepMs, this.#histories.get(key));
    next.histories.set(key, history);
    const columns = deriveWindow(history, histograms, { ...range, untilMs: this.#askedUntilMs(range.endMs) });
    for (const [suffix, gap] of derived) {
      const samples = columns.get(suffix);
      if (samples === undefined) continue;
      this.#acceptSamples(`${key} ${suffix}`, samples, gap, range, next);
    }
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
function between({ timesMs, values, startsMs }: Samples, fromMs: number, toMs: number): Samples {
  const start = firstAtOrAfter(timesMs, fromMs);
  const end = Math.max(start, firstAtOrAfter(timesMs, toMs));
  return {
    timesMs: timesMs.subarray(start, end),
    values: values.subarray(start, end),
    ...(startsMs !== undefined && { startsMs: startsMs.subarray(start, end) }),
  };
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

function prepend(carried: Carried | undefined, samples: Samples): Samples {
  if (carried === undefined) return samples;
  const { timesMs, values, startsMs } = samples;
  return {
    timesMs: withFirst(carried.timeMs, timesMs),
    values: withFirst(carried.value, values),
    ...(startsMs !== undefined && { startsMs: withFirst(0, startsMs) }),
  };
}

function withFirst(first: number, others: Float64Array): Float64Array {
  const all = new Float64Array(others.length + 1);
  all[0] = first;
  all.set(others, 1);
  return all;
}
