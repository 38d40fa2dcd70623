import { decodeLabelBlock, encodeLabelBlock, LabelError } from '../model/labels/label-block.js';
import { formatLabels, type Labels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { withName } from '../model/labels/metric-name.js';
import type { HistogramSink } from '../model/samples/histogram-sink.js';
import type { HistogramSample, NativeHistogram } from '../model/samples/native-histogram.js';
import { SampleOutcome } from '../model/samples/write-sink.js';
import { HISTOGRAM_COUNT } from '../model/settings/histogram-quantities.js';
import type { Rule } from '../model/settings/settings.js';
import type { DerivedSink } from './derived-sink.js';
import { measuresOf } from './measures.js';
import { StepIncrease } from './step-increase.js';
import { formatState, parseState } from './step-state-text.js';

/** Series of histograms that no rule wants, remembered. */
const MAX_UNWANTED = 100_000;
/** A series of which nothing came for this long makes room for another. */
const IDLE_MS = 3_600_000;
/** Of the states of some 20,000 histograms. */
const MAX_SAVED_BYTES = 48 * 2 ** 20;
/** Of the series of a classic histogram. */
const CLASSIC_SUFFIXES = [HISTOGRAM_COUNT, '_bucket', '_sum'];

/** A series of histograms as one sender labels it, and the label blocks of what is derived from it. */
interface Source {
  readonly stepMs: number;
  readonly count: Uint8Array;
  readonly gauges: readonly Gauge[];
  readonly increase: StepIncrease;
}

interface Gauge {
  readonly block: Uint8Array;
  readonly measure: (increase: NativeHistogram) => number;
}

export interface HistogramDeriverOptions {
  readonly sink: DerivedSink;
  readonly chooseRule: (labels: Labels) => Rule | undefined;
  /** Labels that a sender adds to every series, which rules do not see. */
  readonly externalLabels: readonly string[];
  /** Series of histograms kept at one time; the state of each is the buckets of two. */
  readonly maxSources: number;
  /** Called once for each rule that gets nothing of native histograms that it seems to want. */
  readonly onDropped: (dropped: DroppedHistograms) => void;
}

/** Native histograms of which nothing is derived, though a rule wants their metric. */
export interface DroppedHistograms {
  readonly rule: string;
  /** The series of one of them. */
  readonly example: string;
  /**
   * `unconfigured`: the rule matches them and has no `histogram`; `turned_native`: it matches `m_count` or `m_bucket`, which
   * are mostly no longer sent once their metric is a native histogram.
   */
  readonly reason: 'unconfigured' | 'turned_native';
}

/**
 * Derives ordinary series from native histograms as they come: `m_count`, a counter; `m_avg` and the quantiles of the rule, of
 * what was observed in the step so far, so that the last sample of a step has those of the step. The only owner of the
 * histogram before, of which each series has one.
 */
export class HistogramDeriver implements HistogramSink {
  readonly #options: HistogramDeriverOptions;
  readonly #externalLabels: ReadonlySet<string>;
  #chooseRule: HistogramDeriverOptions['chooseRule'];
  /** By label block, in Latin-1. */
  readonly #refs = new Map<string, number>();
  readonly #sources: Source[] = [];
  /** Places in `#sources` of series that were forgotten. */
  readonly #free: number[] = [];
  readonly #unwanted = new Set<string>();
  readonly #dropped = new Map<string, DroppedHistograms>();

  constructor(options: HistogramDeriverOptions) {
    this.#options = options;
    this.#externalLabels = new Set(options.externalLabels);
    this.#chooseRule = options.chooseRule;
  }

  /** Decides anew what is derived from which series; each begins with its next histogram. */
  setRules(chooseRule: HistogramDeriverOptions['chooseRule']): void {
    this.#chooseRule = chooseRule;
    this.#refs.clear();
    this.#sources.length = 0;
    this.#free.length = 0;
    this.#unwanted.clear();
    this.#dropped.clear();
  }

  /** The histogram before, and what was observed since, of every series, in pieces of UTF-8. */
  *save(): Iterable<Uint8Array> {
    let bytes = 0;
    for (const [key, ref] of this.#refs) {
      const piece = Buffer.from(formatState(key, this.#sources[ref]!.increase.state));
      bytes += piece.length;
      // The others begin anew after a restart, which costs each of them one histogram.
      if (bytes > MAX_SAVED_BYTES) return;
      yield piece;
    }
  }

  /** Takes up what `save` gave, as far as the present rules want it. Throws, with nothing restored, for anything else. */
  restore(text: string): void {
    const states = text.split('\n').filter(Boolean).map(parseState);
    for (const [key, state] of states) {
      const block = Buffer.from(key, 'latin1');
      const ref = this.find(block, 0, block.length);
      if (ref >= 0) this.#sources[ref]!.increase.state = state;
    }
  }

  /** One for each rule that gets nothing of native histograms that it seems to want. */
  get dropped(): readonly DroppedHistograms[] {
    return [...this.#dropped.values()];
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    const known = this.#refs.get(key);
    if (known !== undefined) return known;
    if (this.#unwanted.has(key)) return -1;
    const labels = labelsOf(bytes, start, end);
    if (labels === undefined || labelValue(labels, METRIC_NAME) === '') return -2;
    const source = this.#firstSight(labels);
    if (source !== undefined && this.#hasRoom()) {
      const ref = this.#free.pop() ?? this.#sources.length;
      this.#sources[ref] = source;
      this.#refs.set(key, ref);
      return ref;
    }
    if (this.#unwanted.size >= MAX_UNWANTED) this.#unwanted.clear();
    this.#unwanted.add(key);
    return -1;
  }

  append(ref: number, sample: HistogramSample): SampleOutcome {
    const { sink } = this.#options;
    const { stepMs, count, gauges, increase } = this.#sources[ref]!;
    const { timeMs, histogram } = sample;
    if (histogram === undefined) {
      increase.state = increase.look(sample, stepMs)?.next ?? increase.state;
      for (const block of [count, ...gauges.map((gauge) => gauge.block)]) {
        const derived = this.#resolve(block);
        if (derived >= 0) sink.appendStale(derived, timeMs);
      }
      return SampleOutcome.stored;
    }
    // Gauge histograms do not count up.
    const isGauge = sample.resetHint === 'gauge';
    const seen = increase.look(sample, stepMs);
    // The counter takes a reset from here, which its value alone may not show.
    const startMs = seen?.resetMs || sample.startMs;
    const outcome = isGauge ? SampleOutcome.stored : this.#append(count, timeMs, histogram.count, startMs);
    if (seen === undefined || outcome >= SampleOutcome.tooNew) return outcome;
    increase.state = seen.next;
    const { observed } = seen;
    if (observed === undefined || !(observed.count > 0)) return outcome;
    for (const { block, measure } of gauges) this.#append(block, timeMs, measure(observed));
    return outcome;
  }

  #append(block: Uint8Array, timeMs: number, value: number, startMs = 0): SampleOutcome {
    const ref = this.#resolve(block);
    return ref < 0 ? SampleOutcome.stored : this.#options.sink.append(ref, timeMs, value, startMs);
  }

  #resolve(block: Uint8Array): number {
    const { sink } = this.#options;
    const ref = sink.resolve(block, 0, block.length);
    if (ref < 0) sink.countUntracked(ref);
    return ref;
  }

  /** What to derive from a series seen for the first time, if anything. */
  #firstSight(labels: Labels): Source | undefined {
    const identity = labels.filter(({ name }) => !this.#externalLabels.has(name));
    const rule = this.#chooseRule(identity);
    if (rule === undefined) {
      const former = this.#ruleOfClassic(identity);
      if (former !== undefined) this.#noteDropped(former, labels, 'turned_native');
      return undefined;
    }
    const { histogram, stepMs } = rule.settings;
    if (histogram === undefined) {
      this.#noteDropped(rule, labels, 'unconfigured');
      return undefined;
    }
    const family = labelValue(labels, METRIC_NAME);
    this.#options.sink.setMetricType(family + HISTOGRAM_COUNT, 'counter');
    return {
      stepMs,
      count: encodeLabelBlock(withName(labels, family + HISTOGRAM_COUNT)),
      gauges: measuresOf(histogram).map(({ suffix, of }) => {
        this.#options.sink.setDerived(family + suffix);
        return { block: encodeLabelBlock(withName(labels, family + suffix)), measure: of };
      }),
      increase: new StepIncrease(),
    };
  }

  /** The rule that wants what a classic histogram of this name has. */
  #ruleOfClassic(labels: Labels): Rule | undefined {
    const family = labelValue(labels, METRIC_NAME);
    for (const suffix of CLASSIC_SUFFIXES) {
      const rule = this.#chooseRule(withName(labels, family + suffix));
      if (rule !== undefined) return rule;
    }
    return undefined;
  }

  #noteDropped({ name }: Rule, labels: Labels, reason: DroppedHistograms['reason']): void {
    if (this.#dropped.has(name)) return;
    const dropped = { rule: name, example: formatLabels(labels), reason };
    this.#dropped.set(name, dropped);
    this.#options.onDropped(dropped);
  }

  /** Makes room, where there is none, by forgetting series of which nothing has come for long. */
  #hasRoom(): boolean {
    const { maxSources } = this.#options;
    if (this.#refs.size < maxSources) return true;
    const timeOf = (ref: number) => this.#sources[ref]!.increase.timeMs;
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const ref of this.#refs.values()) if (timeOf(ref) > newestMs) newestMs = timeOf(ref);
    for (const [key, ref] of this.#refs) {
      if (newestMs - timeOf(ref) < IDLE_MS) continue;
      this.#refs.delete(key);
      this.#free.push(ref);
    }
    return this.#refs.size < maxSources;
  }
}

function labelsOf(bytes: Uint8Array, start: number, end: number): Labels | undefined {
  try {
    return decodeLabelBlock(bytes, start, end);
  } catch (error) {
    if (error instanceof LabelError) return undefined;
    throw error;
  }
}
