import { alarmGapMs } from '../../model/samples/alarm-gap.js';
import type { Anomaly } from '../measure/anomalies.js';

/** The alarms of one series under two settings. */
export interface Compared {
  /** Only under the first. */
  readonly gone: readonly Anomaly[];
  /** Under both; as the second has them. */
  readonly stayed: readonly Anomaly[];
  /** Only under the second. */
  readonly added: readonly Anomaly[];
}

/** What became of the alarms of a series: two are the same where they meet, or are no further apart than alarms that are one. */
export function compareAlarms(before: readonly Anomaly[], after: readonly Anomaly[], stepMs: number): Compared {
  const gapMs = alarmGapMs(stepMs);
  const meets = (a: Anomaly, b: Anomaly) => a.startMs <= b.endMs + gapMs && b.startMs <= a.endMs + gapMs;
  return {
    gone: before.filter((alarm) => !after.some((other) => meets(alarm, other))),
    stayed: after.filter((alarm) => before.some((other) => meets(alarm, other))),
    added: after.filter((alarm) => !before.some((other) => meets(alarm, other))),
  };
}
