import type { Bounds } from '../model/settings.js';

/** Clips values in place to what the metric can be. */
export function clip(values: Float64Array, { min, max }: Bounds): void {
  for (let i = 0; i < values.length; i++) {
    if (min !== undefined && values[i]! < min) values[i] = min;
    if (max !== undefined && values[i]! > max) values[i] = max;
  }
}
