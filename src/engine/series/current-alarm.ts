import type { StepKind } from '../../detect/score/detector.js';
import type { TrackedSeries } from './tracked-series.js';

/** The alarm that a series is in. */
export interface CurrentAlarm {
  readonly kind: StepKind;
  /** Start of its first step. */
  readonly sinceMs: number;
}

/** The alarm that the step scored last belongs to; undefined unless that step scored over 1. */
export function currentAlarm(
  { score, scoredUntilMs, alarms, detector }: TrackedSeries,
  stepMs: number,
): CurrentAlarm | undefined {
  if (!(score > 1)) return undefined;
  const alarm = alarms.at(scoredUntilMs);
  // A level shift that was accepted in this very step has taken the incident away.
  if (alarm === undefined) return { kind: detector.kind, sinceMs: scoredUntilMs - stepMs };
  return { kind: alarm.kind, sinceMs: alarm.fromMs };
}
