import type { HistogramSample, NativeHistogram } from '../model/samples/native-histogram.js';
import { increaseOf, sumOf } from './increase.js';

/** Samples further apart than this, and than this many steps, are not one increase. */
const MAX_GAP_MS = 10 * 60_000;
const MAX_GAP_STEPS = 5;

/** What `StepIncrease` keeps between two histograms. */
export interface StepState {
  readonly previous: { readonly timeMs: number; readonly histogram: NativeHistogram } | undefined;
  readonly step: number;
  /** What was observed in that step so far; undefined where nothing is known of it. */
  readonly sum: NativeHistogram | undefined;
}

/** What a histogram says, before it is taken in. */
export interface Seen {
  /** What was observed since the histogram before; undefined where none is known, or it does not count up. */
  readonly increase: NativeHistogram | undefined;
  /** What was observed in its step so far: the histogram itself where it does not count up. */
  readonly observed: NativeHistogram | undefined;
  /** When the counter began anew since the histogram before: the earliest that it can have; 0 where it did not. */
  readonly resetMs: number;
  readonly next: StepState;
}

const NOTHING: StepState = { previous: undefined, step: Number.NaN, sum: undefined };

/** What a series of histograms has observed since the last one of the step before: it grows to the increase of the step. */
export class StepIncrease {
  state: StepState;

  constructor(state: StepState = NOTHING) {
    this.state = state;
  }

  /** Time of the newest histogram; NaN before the first. */
  get timeMs(): number {
    return this.state.previous?.timeMs ?? Number.NaN;
  }

  /** Looks at the next histogram, which is taken in by setting `state` to its `next`; undefined for one that is not newer. */
  look(sample: HistogramSample, stepMs: number): Seen | undefined {
    const { timeMs, histogram, resetHint } = sample;
    const { previous, sum } = this.state;
    if (previous !== undefined && timeMs <= previous.timeMs) return undefined;
    if (histogram === undefined) return { increase: undefined, observed: undefined, resetMs: 0, next: NOTHING };
    const before = { timeMs, histogram };
    // It does not count up: each has what was observed of late.
    if (resetHint === 'gauge') {
      return { increase: undefined, observed: histogram, resetMs: 0, next: { ...this.state, previous: before } };
    }
    const step = Math.floor(timeMs / stepMs);
    const isGap = previous === undefined || timeMs - previous.timeMs > Math.max(MAX_GAP_MS, MAX_GAP_STEPS * stepMs);
    const increase = isGap ? undefined : increaseOf(previous, sample);
    const isOpen = step === this.state.step && sum !== undefined && increase !== undefined;
    const observed = isOpen ? (sumOf(sum, increase) ?? increase) : increase;
    return {
      increase,
      observed,
      resetMs: increase === histogram ? previous!.timeMs + 1 : 0,
      next: { previous: before, step, sum: observed },
    };
  }
}
