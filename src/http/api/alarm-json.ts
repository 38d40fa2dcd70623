import type { EngineQueries } from '../../engine/query/engine-queries.js';
import type { Explanation } from '../../engine/query/explain.js';
import type { Settling } from '../../engine/query/settling.js';
import type { CurrentAlarm } from '../../engine/series/current-alarm.js';
import type { OpenShift } from '../../engine/series/level-state.js';
import type { TrackedSeries } from '../../engine/series/tracked-series.js';
import type { AlarmJson, AlarmKind } from './json/alarms.js';
import type { LevelShiftJson, SeriesJson, SettlingJson } from './json/series.js';

/** Why something is an alarm, by its kind: a sentence about the series. */
export const ALARM_REASONS: Readonly<Record<AlarmKind, string>> = {
  value: 'Its value is unusually far from what is expected.',
  jump: 'It changed unusually much from one step to the next.',
  stuck: 'It does not move as it usually does.',
  drift: 'It has been moving away from the level of a week ago, a little every day.',
  missing: 'Something that usually comes at this time did not come.',
  rate: 'Its events come more often than usual.',
  limit: 'Its value is beyond the limits or the bounds of its rule.',
};

export const ALARM_KINDS = Object.keys(ALARM_REASONS) as AlarmKind[];

export function currentAlarmJson(alarm: CurrentAlarm | undefined): SeriesJson['alarm'] {
  return alarm && { kind: alarm.kind, reason: ALARM_REASONS[alarm.kind], since: alarm.sinceMs / 1000 };
}

export function alarmJson(
  queries: EngineQueries,
  series: TrackedSeries,
  alarm: NonNullable<Explanation['alarm']>,
): AlarmJson {
  const { fromMs, toMs, side, peakScore, kind, suppressed } = alarm;
  return {
    start: fromMs / 1000,
    end: toMs / 1000,
    is_ongoing: toMs === series.scoredUntilMs && queries.status(series).state !== 'ended',
    side: side > 0 ? 'above' : 'below',
    peak_score: peakScore,
    kind,
    reason: ALARM_REASONS[kind],
    suppressed,
  };
}

export function settlingJson(settling: Settling | undefined): SettlingJson | undefined {
  if (settling === undefined) return undefined;
  const { forecastFromMs, valueFromMs, stuckFromMs, levelFromMs, driftFromMs, dailyFromMs, weeklyFromMs } = settling;
  const times = {
    forecast: forecastFromMs,
    value: valueFromMs,
    stuck: stuckFromMs,
    level_shift: levelFromMs,
    drift: driftFromMs,
    daily: dailyFromMs,
    weekly: weeklyFromMs,
  };
  return Object.fromEntries(
    Object.entries(times)
      .filter(([, timeMs]) => !Number.isNaN(timeMs))
      .map(([what, timeMs]) => [what, timeMs / 1000]),
  );
}

export function levelShiftJson(
  shift: Pick<OpenShift, 'atMs' | 'holds' | 'sinceMs'> | undefined,
): LevelShiftJson | undefined {
  return shift && { time: shift.atMs / 1000, expected: shift.holds, since: shift.sinceMs / 1000 };
}
