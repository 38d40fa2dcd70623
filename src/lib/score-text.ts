/** An anomaly score with two decimals, rounded so that it is on the same side of 1: 0.998 is no alarm, and not 1.00. */
export function scoreText(score: number): string {
  return score <= 1 ? (Math.floor(score * 100) / 100).toFixed(2) : Math.max(score, 1.01).toFixed(2);
}
