import type { Samples } from '../model/samples/columns.js';
import type { HistogramSample, NativeHistogram } from '../model/samples/native-histogram.js';
import { HISTOGRAM_COUNT, type HistogramSettings } from '../model/settings/histogram-quantities.js';
import { type Measure, measuresOf } from './measures.js';
import { StepIncrease } from './step-increase.js';

/** Samples of one derived series, as they grow. */
interface Column {
  readonly timesMs: number[];
  readonly values: number[];
}

/**
 * What is derived from the past of one series of histograms, which come in order of time: the same as is derived from those that
 * come live, but that the counter never falls, because it is known of each histogram what it adds.
 */
export class DerivedHistory {
  readonly #settings: HistogramSettings;
  readonly #stepMs: number;
  readonly #measures: readonly Measure[];
  readonly #increase: StepIncrease;
  readonly #columns = new Map<string, Column>();
  #total: number;

  /** `before`: what the history goes on from, without its samples; it stays as it is. */
  constructor(settings: HistogramSettings, stepMs: number, before?: DerivedHistory) {
    this.#settings = settings;
    this.#stepMs = stepMs;
    this.#measures = measuresOf(settings);
    this.#increase = new StepIncrease(before === undefined ? undefined : before.#increase.state);
    this.#total = before === undefined ? 0 : before.#total;
  }

  add(sample: HistogramSample): void {
    const seen = this.#increase.look(sample, this.#stepMs);
    if (seen === undefined) return;
    const before = this.#increase.state.previous?.histogram.count ?? Number.POSITIVE_INFINITY;
    this.#increase.state = seen.next;
    const { timeMs, histogram, resetHint } = sample;
    if (histogram === undefined) return;
    if (resetHint !== 'gauge') {
      // Over a gap its size is not known, but that it counted is.
      const since = histogram.count >= before ? histogram.count - before : histogram.count;
      this.#total += seen.increase?.count ?? since;
      this.#put(HISTOGRAM_COUNT, timeMs, this.#total);
    }
    this.#measure(timeMs, seen.observed);
  }

  /** The samples so far, by the suffix of the series they are of. */
  get samples(): ReadonlyMap<string, Samples> {
    return new Map(
      [...this.#columns].map(([suffix, { timesMs, values }]) => [
        suffix,
        { timesMs: Float64Array.from(timesMs), values: Float64Array.from(values) },
      ]),
    );
  }

  /** Goes on from here on its own, without the samples so far. */
  fork(): DerivedHistory {
    return new DerivedHistory(this.#settings, this.#stepMs, this);
  }

  #measure(timeMs: number, observed: NativeHistogram | undefined): void {
    if (observed === undefined || !(observed.count > 0)) return;
    for (const { suffix, of } of this.#measures) this.#put(suffix, timeMs, of(observed));
  }

  #put(suffix: string, timeMs: number, value: number): void {
    const column = this.#columns.get(suffix) ?? { timesMs: [], values: [] };
    this.#columns.set(suffix, column);
    column.timesMs.push(timeMs);
    column.values.push(value);
  }
}

/**
 * What is derived from the histograms of one series within [startMs, untilMs), ascending in time, by suffix. `history` is where those
 * before `startMs` ended, and is taken as far as `endMs`, where the next window begins.
 */
export function deriveWindow(
  history: DerivedHistory,
  histograms: Iterable<HistogramSample>,
  { startMs, endMs, untilMs }: { readonly startMs: number; readonly endMs: number; readonly untilMs: number },
): ReadonlyMap<string, Samples> {
  const beyond: HistogramSample[] = [];
  for (const sample of histograms) {
    if (sample.timeMs < startMs || sample.timeMs >= untilMs) continue;
    if (sample.timeMs < endMs) history.add(sample);
    else beyond.push(sample);
  }
  const within = history.samples;
  if (beyond.length === 0) return within;
  const next = history.fork();
  for (const sample of beyond) next.add(sample);
  const joined = new Map(within);
  for (const [suffix, samples] of next.samples) joined.set(suffix, join(within.get(suffix), samples));
  return joined;
}

function join(before: Samples | undefined, { timesMs, values }: Samples): Samples {
  if (before === undefined) return { timesMs, values };
  return {
    timesMs: Float64Array.from([...before.timesMs, ...timesMs]),
    values: Float64Array.from([...before.values, ...values]),
  };
}
