const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** A week of samples may lack some. */
const NEARLY_A_WEEK_MS = 6.5 * DAY_MS;

/** How often a week; NaN for less than a week, which says nothing about others. */
export function weeklyRate(count: number, trackedMs: number): number {
  return trackedMs < NEARLY_A_WEEK_MS ? Number.NaN : count / (trackedMs / WEEK_MS);
}
