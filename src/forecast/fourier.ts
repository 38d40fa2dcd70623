import type { Seasonality } from './seasonality.js';

/** Angle of an instant within a period, 0 … 2π. The whole periods are taken off first, so that no digits are lost to them. */
export function phase(timeMs: number, periodMs: number): number {
  return ((timeMs - Math.floor(timeMs / periodMs) * periodMs) / periodMs) * 2 * Math.PI;
}

/** The columns of a seasonality at the given times: sin θ, cos θ, sin 2θ, cos 2θ, … */
export function fourierColumns(
  timesMs: Float64Array,
  { periodMs, fourierOrder }: Pick<Seasonality, 'periodMs' | 'fourierOrder'>,
): Float64Array[] {
  const n = timesMs.length;
  const columns = Array.from({ length: 2 * fourierOrder }, () => new Float64Array(n));
  const sin1 = columns[0]!;
  const cos1 = columns[1]!;
  for (let i = 0; i < n; i++) {
    const theta = phase(timesMs[i]!, periodMs);
    sin1[i] = Math.sin(theta);
    cos1[i] = Math.cos(theta);
  }
  // The next order from the last by turning on through θ.
  for (let j = 1; j < fourierOrder; j++) {
    const lastSin = columns[2 * j - 2]!;
    const lastCos = columns[2 * j - 1]!;
    const sin = columns[2 * j]!;
    const cos = columns[2 * j + 1]!;
    for (let i = 0; i < n; i++) {
      sin[i] = lastSin[i]! * cos1[i]! + lastCos[i]! * sin1[i]!;
      cos[i] = lastCos[i]! * cos1[i]! - lastSin[i]! * sin1[i]!;
    }
  }
  return columns;
}
