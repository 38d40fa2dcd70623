import { decodeLabelBlock, LabelError } from '#src/model/labels/label-block.js';
import { formatLabels, labelValue, METRIC_NAME } from '#src/model/labels/labels.js';
import type { MetricType } from '#src/model/samples/metric-type.js';
import { SampleOutcome, Untracked, type WriteSink } from '#src/model/samples/write-sink.js';

interface Limits {
  readonly maxSeries: number;
  readonly maxLabels: number;
  readonly maxLabelValueBytes: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** A store that keeps every sample as it came, and by its limits can give every answer a store may give. */
export class RecordingSink implements WriteSink {
  /** Samples by series, as PromQL writes it; a stale marker is `stale`. */
  readonly samples = new Map<string, [timeMs: number, value: number | 'stale'][]>();
  readonly metricTypes = new Map<string, MetricType>();
  readonly #limits: Limits;
  readonly #series: [timeMs: number, value: number | 'stale'][][] = [];
  readonly #refs = new Map<string, number>();

  constructor(limits: Partial<Limits> = {}) {
    this.#limits = {
      maxSeries: 1000,
      maxLabels: 40,
      maxLabelValueBytes: 4096,
      oldestMs: -Infinity,
      newestMs: Infinity,
      ...limits,
    };
  }

  beginRequest(): void {}

  resolve(bytes: Uint8Array, start: number, end: number): number {
    let labels: ReturnType<typeof decodeLabelBlock>;
    try {
      labels = decodeLabelBlock(bytes, start, end);
    } catch (error) {
      if (error instanceof LabelError) return Untracked.invalidLabels;
      throw error;
    }
    if (labels.length > this.#limits.maxLabels) return Untracked.labelLimit;
    if (labels.some(({ value }) => value.length > this.#limits.maxLabelValueBytes)) return Untracked.labelLimit;
    const name = labelValue(labels, METRIC_NAME);
    if (name === 'ignored') return Untracked.noRule;
    if (name.endsWith('_yhat')) return Untracked.ownOutput;
    const key = formatLabels(labels);
    const known = this.#refs.get(key);
    if (known !== undefined) return known;
    if (this.#refs.size >= this.#limits.maxSeries) return Untracked.seriesLimit;
    const ref = this.#series.length;
    this.#refs.set(key, ref);
    this.#series.push([]);
    this.samples.set(key, this.#series[ref]!);
    return ref;
  }

  countUntracked(): void {}

  append(ref: number, timeMs: number, value: number): SampleOutcome {
    return this.#add(ref, timeMs, value);
  }

  appendStale(ref: number, timeMs: number): SampleOutcome {
    return this.#add(ref, timeMs, 'stale');
  }

  setMetricType(family: string, type: MetricType): void {
    this.metricTypes.set(family, type);
  }

  describe(bytes: Uint8Array, start: number, end: number, code: number): string {
    try {
      const series = formatLabels(decodeLabelBlock(bytes, start, end));
      return code === Untracked.seriesLimit
        ? `no room for ${series}`
        : 'a series has more or longer labels than allowed';
    } catch (error) {
      if (error instanceof LabelError) return `a series was refused: ${error.message}`;
      throw error;
    }
  }

  /** How many samples came in all. */
  get size(): number {
    return this.#series.reduce((sum, samples) => sum + samples.length, 0);
  }

  #add(ref: number, timeMs: number, value: number | 'stale'): SampleOutcome {
    const samples = this.#series[ref];
    if (samples === undefined) throw new RangeError(`Cannot append: no series has ref ${ref}`);
    if (timeMs > this.#limits.newestMs) return SampleOutcome.tooNew;
    if (timeMs < this.#limits.oldestMs) return SampleOutcome.tooOld;
    if (samples.some(([known]) => known === timeMs)) return SampleOutcome.duplicate;
    samples.push([timeMs, value]);
    return SampleOutcome.stored;
  }
}
