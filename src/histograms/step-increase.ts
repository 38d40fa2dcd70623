import type { HistogramSample, NativeHistogram } from '../model/samples/native-histogram.js';
import { increaseOf, sumOf } from './increase.js';

/** Samples further apart than this, and than this many steps, are not one increase. */
const MAX_GAP_MS = 10 * 60_000;
const MAX_GAP_STEPS = 5;

/** What a series of histograms has observed since the last one of the step before: it grows to the increase of the step. */
export class StepIncrease {
  #previous: { readonly timeMs: number; readonly histogram: NativeHistogram } | undefined;
  #step = Number.NaN;
  #sum: NativeHistogram | undefined;

  /** Time of the newest histogram; NaN before the first. */
  get timeMs(): number {
    return this.#previous?.timeMs ?? Number.NaN;
  }

  /** Takes in the next histogram. Returns the increase of its step so far; undefined where none is known. */
  add(sample: HistogramSample, stepMs: number): NativeHistogram | undefined {
    const { timeMs, histogram } = sample;
    const previous = this.#previous;
    if (previous !== undefined && timeMs <= previous.timeMs) return undefined;
    if (histogram === undefined) {
      this.#previous = undefined;
      this.#sum = undefined;
      return undefined;
    }
    this.#previous = { timeMs, histogram };
    // It does not count up: each has what was observed of late.
    if (sample.resetHint === 'gauge') return histogram;
    const step = Math.floor(timeMs / stepMs);
    const isGap = previous === undefined || timeMs - previous.timeMs > Math.max(MAX_GAP_MS, MAX_GAP_STEPS * stepMs);
    const increase = isGap ? undefined : increaseOf(previous.histogram, sample);
    const isOpen = step === this.#step && this.#sum !== undefined && increase !== undefined;
    this.#sum = isOpen ? (sumOf(this.#sum!, increase!) ?? increase) : increase;
    this.#step = step;
    return this.#sum;
  }
}
