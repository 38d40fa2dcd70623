/** Differences of two such values, per millisecond even, still fit a Float32: 2 × 1e35 × 1e3 < 3.4e38. */
const MAX_MAGNITUDE = 1e35;

/** Whether a value can rest in a ring: finite, and no larger than a Float32 history can hold. */
export function isKeepable(value: number): boolean {
  return Math.abs(value) <= MAX_MAGNITUDE;
}
