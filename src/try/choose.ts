import { labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { COARSE_STEP_MS, type CoarseSeries } from './coarse-series.js';

/** A series worth watching; see `Verdict`. */
export interface Candidate extends CoarseSeries {
  readonly regularity: number;
}

const DAY_HOURS = 86_400_000 / COARSE_STEP_MS;
/** Correlation at which two series say the same. */
const SAME = 0.95;
/** Less than this of a series beside its rhythm is rounding. */
const MIN_REST = 1e-6;
/** One metric gets this share of the room in the first place. */
const MAX_SHARE_OF_METRIC = 0.2;

/**
 * One of each kind: of series that move together, in the same direction or in opposite ones, the first. The most regular
 * come first; in the order of what is given where they are equal.
 */
export function distinct(candidates: readonly Candidate[]): { own: Candidate[]; copies: number } {
  const sorted = candidates.toSorted((a, b) => b.regularity - a.regularity);
  const own: Candidate[] = [];
  const shapes: Float32Array[] = [];
  for (const candidate of sorted) {
    const shape = shapeOf(candidate.values);
    if (shapes.some((other) => isSame(shape, other))) continue;
    own.push(candidate);
    shapes.push(shape);
  }
  return { own, copies: sorted.length - own.length };
}

/** At most `limit` of them, of as many metrics as there are: none has more than a fifth while others have some left. */
export function pick(candidates: readonly Candidate[], limit: number): Candidate[] {
  const share = Math.max(1, Math.floor(MAX_SHARE_OF_METRIC * limit));
  const taken = new Map<string, number>();
  const [first, later]: [Candidate[], Candidate[]] = [[], []];
  for (const candidate of candidates) {
    const metric = labelValue(candidate.labels, METRIC_NAME);
    const count = (taken.get(metric) ?? 0) + 1;
    taken.set(metric, count);
    (count <= share ? first : later).push(candidate);
  }
  return [...first, ...later].slice(0, limit);
}

/**
 * What is special about the values, scaled to a length of 1: the rhythm of the day is taken off, because much has the same
 * rhythm that is not the same. Hours without a value are 0. What is nothing but a rhythm is taken as it is.
 */
function shapeOf(values: Float64Array): Float32Array {
  const whole = around(values, values.length);
  const rest = around(values, DAY_HOURS);
  const lengths = [whole, rest].map((column) => Math.sqrt(column.reduce((sum, value) => sum + value * value, 0)));
  const [shape, length] = lengths[1]! > MIN_REST * lengths[0]! ? [rest, lengths[1]!] : [whole, lengths[0]!];
  return Float32Array.from(shape, (value) => (length === 0 ? 0 : value / length));
}

/** The distances of the values from the mean of those that are so many hours apart; of all where it is all hours. */
function around(values: Float64Array, period: number): Float64Array {
  const isWhole = period >= values.length;
  const [sums, counts] = [new Float64Array(period), new Float64Array(period)];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    sums[isWhole ? 0 : i % period]! += values[i]!;
    counts[isWhole ? 0 : i % period]! += 1;
  }
  return values.map((value, i) => {
    const at = isWhole ? 0 : i % period;
    return Number.isNaN(value) ? 0 : value - sums[at]! / counts[at]!;
  });
}

/** Of vectors of length 1 the squared distance is 2 − 2r: most pairs are told apart by a few hours. */
function isSame(a: Float32Array, b: Float32Array): boolean {
  const limit = 2 - 2 * SAME;
  let [alike, opposite] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    alike += (a[i]! - b[i]!) ** 2;
    opposite += (a[i]! + b[i]!) ** 2;
    if (alike > limit && opposite > limit) return false;
  }
  return true;
}
