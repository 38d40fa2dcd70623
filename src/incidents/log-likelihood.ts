/** By how much a likelihood must exceed what the best of all that were tried has by chance: e⁻² is about one in seven. */
export const MIN_EVIDENCE = 2;

/** ln of the highest likelihood of k alarms among n series. */
export function logLikelihood(k: number, n: number): number {
  return k <= 0 || k >= n ? 0 : k * Math.log(k / n) + (n - k) * Math.log(1 - k / n);
}
