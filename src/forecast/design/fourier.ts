import type { Seasonality } from './seasonality.js';

/** Angle of an instant within a period, 0 … 2π. The whole periods are taken off first, so that no digits are lost to them. */
export function phase(timeMs: number, periodMs: number): number {
  return ((timeMs - Math.floor(timeMs / periodMs) * periodMs) / periodMs) * 2 * Math.PI;
}

/** An angle is computed again after this many rotations, because each adds about 1e-16 to the error. */
const MAX_TURNS = 32;

/** Sine and cosine of the phase of each instant. */
export interface Phases {
  readonly sin: Float64Array;
  readonly cos: Float64Array;
}

/**
 * The phases of instants. While the distance between neighbours stays the same, the angle is rotated instead of
 * computed again: four products instead of two calls of Math.sin and Math.cos.
 */
export function phasesOf(timesMs: Float64Array, periodMs: number): Phases {
  const sin = new Float64Array(timesMs.length);
  const cos = new Float64Array(timesMs.length);
  let distance = Number.NaN;
  let sinStep = 0;
  let cosStep = 1;
  let turns = 0;
  for (let i = 0; i < timesMs.length; i++) {
    const timeMs = timesMs[i]!;
    const since = i === 0 ? Number.NaN : timeMs - timesMs[i - 1]!;
    if (since === distance && turns < MAX_TURNS) {
      const lastSin = sin[i - 1]!;
      const lastCos = cos[i - 1]!;
      sin[i] = lastSin * cosStep + lastCos * sinStep;
      cos[i] = lastCos * cosStep - lastSin * sinStep;
      turns++;
      continue;
    }
    const theta = phase(timeMs, periodMs);
    sin[i] = Math.sin(theta);
    cos[i] = Math.cos(theta);
    turns = 0;
    if (since === distance) continue;
    distance = since;
    const step = phase(since, periodMs);
    sinStep = Math.sin(step);
    cosStep = Math.cos(step);
  }
  return { sin, cos };
}

/** The columns of a seasonality at the given times: sin θ, cos θ, sin 2θ, cos 2θ, … */
export function fourierColumns(
  timesMs: Float64Array,
  { periodMs, fourierOrder }: Pick<Seasonality, 'periodMs' | 'fourierOrder'>,
): Float64Array[] {
  return harmonicsOf(phasesOf(timesMs, periodMs), fourierOrder);
}

/** sin θ, cos θ, sin 2θ, cos 2θ, … up to an order, at each of some phases. */
export function harmonicsOf({ sin: sin1, cos: cos1 }: Phases, fourierOrder: number): Float64Array[] {
  const n = sin1.length;
  const columns = [sin1, cos1];
  // The next order from the last by turning on through θ.
  for (let j = 1; j < fourierOrder; j++) {
    const lastSin = columns[2 * j - 2]!;
    const lastCos = columns[2 * j - 1]!;
    const sin = new Float64Array(n);
    const cos = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      sin[i] = lastSin[i]! * cos1[i]! + lastCos[i]! * sin1[i]!;
      cos[i] = lastCos[i]! * cos1[i]! - lastSin[i]! * sin1[i]!;
    }
    columns.push(sin, cos);
  }
  return columns;
}

/** Σ β₂ⱼ·sin(jθ) + β₂ⱼ₊₁·cos(jθ) for j = 1 … order, β from `offset` on, by turning on through θ. */
export function fourierSum(beta: Float64Array, offset: number, order: number, sin1: number, cos1: number): number {
  let sin = sin1;
  let cos = cos1;
  let sum = beta[offset]! * sin + beta[offset + 1]! * cos;
  for (let j = 1; j < order; j++) {
    const turned = sin * cos1 + cos * sin1;
    cos = cos * cos1 - sin * sin1;
    sin = turned;
    sum += beta[offset + 2 * j]! * sin + beta[offset + 2 * j + 1]! * cos;
  }
  return sum;
}
