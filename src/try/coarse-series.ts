import type { Labels } from '../model/labels/labels.js';

/** Distance of the values by which series are judged. */
export const COARSE_STEP_MS = 3_600_000;

/** A series at one value an hour, which is what it is judged by before it is read in full. */
export interface CoarseSeries {
  readonly labels: Labels;
  /** Of a counter the mean rate per second since the hour before. NaN where there is no value. */
  readonly values: Float64Array;
}

/** Puts samples on a grid of `count` hours from `startMs` on; of a counter the rates between neighbours. */
export function onGrid(
  samples: { readonly timesMs: Float64Array; readonly values: Float64Array },
  { startMs, count, isCounter }: { startMs: number; count: number; isCounter: boolean },
): Float64Array {
  const values = new Float64Array(count).fill(Number.NaN);
  for (let i = 0; i < samples.timesMs.length; i++) {
    const at = Math.round((samples.timesMs[i]! - startMs) / COARSE_STEP_MS);
    if (at >= 0 && at < count && Number.isFinite(samples.values[i]!)) values[at] = samples.values[i]!;
  }
  if (!isCounter) return values;
  const rates = new Float64Array(count).fill(Number.NaN);
  for (let i = 1; i < count; i++) {
    const increase = values[i]! - values[i - 1]!;
    // After a reset a counter has grown by what it shows, at least.
    rates[i] = (increase < 0 ? values[i]! : increase) / (COARSE_STEP_MS / 1000);
  }
  return rates;
}
