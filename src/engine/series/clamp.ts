import type { Aggregate, Bounds } from '../../model/settings/settings.js';

/** Clamps values in place to the bounds of the rule; a counter's rate is never negative. */
export function clamp(values: Float64Array, { min, max }: Bounds, aggregate: Aggregate): void {
  const lowest = min ?? (aggregate === 'rate' ? 0 : Number.NEGATIVE_INFINITY);
  const highest = max ?? Number.POSITIVE_INFINITY;
  if (lowest === Number.NEGATIVE_INFINITY && highest === Number.POSITIVE_INFINITY) return;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < lowest) values[i] = lowest;
    else if (values[i]! > highest) values[i] = highest;
  }
}
