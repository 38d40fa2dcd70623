import type { RecordedSeries } from '../input/recorded-series.js';
import type { Replay } from '../replay/replay.js';
import { alarmsOf, type Interval, meets, windowsOf } from './events.js';

/** One alarm: from when to when, and how things stood when its score was highest. Times in Unix milliseconds. */
export interface Anomaly {
  readonly startMs: number;
  readonly endMs: number;
  readonly peakMs: number;
  readonly peakScore: number;
  /** In the unit of the series, for a counter per second. */
  readonly value: number;
  readonly yhat: number;
  readonly yhatLower: number;
  readonly yhatUpper: number;
  /** Whether it meets something that somebody marked; undefined where nobody did. */
  readonly isMarked: boolean | undefined;
}

/** The alarms of a replay in the order of time; those that ended before `fromMs` left out. */
export function anomaliesOf(recorded: RecordedSeries, replayed: Replay, stepMs: number, fromMs: number): Anomaly[] {
  const { timesMs, scores } = replayed;
  const windows = recorded.labels === undefined ? undefined : windowsOf(timesMs, recorded.labels);
  return alarmsOf(timesMs, scores, stepMs)
    .filter(([, endMs]) => endMs >= fromMs)
    .map((alarm) => anomalyOf(alarm, replayed, windows));
}

function anomalyOf(
  alarm: Interval,
  { timesMs, observed, scores, yhat, yhatLower, yhatUpper }: Replay,
  windows: readonly Interval[] | undefined,
): Anomaly {
  const [startMs, endMs] = alarm;
  let peak = timesMs.indexOf(startMs);
  for (let i = peak; timesMs[i]! <= endMs; i++) if (scores[i]! > scores[peak]!) peak = i;
  return {
    startMs,
    endMs,
    peakMs: timesMs[peak]!,
    peakScore: scores[peak]!,
    value: observed[peak]!,
    yhat: yhat[peak]!,
    yhatLower: yhatLower[peak]!,
    yhatUpper: yhatUpper[peak]!,
    isMarked: windows?.some((window) => meets(alarm, window)),
  };
}
