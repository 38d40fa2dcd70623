const MIN_ALARM_GAP_MS = 10 * 60_000;

/** Alarms of a series no further apart than this, in milliseconds, count as one: ten minutes, or two steps where that is longer. */
export function alarmGapMs(stepMs: number): number {
  return Math.max(MIN_ALARM_GAP_MS, 2 * stepMs);
}
