import type { SeriesResult } from '../backtest/task/task.js';
import { alarmGapMs } from '../model/samples/alarm-gap.js';

/** A stretch of time in which series were in alarm, of which somebody is called once. */
export interface Call {
  readonly startMs: number;
  /** The series in alarm, in the order in which they began. */
  readonly series: readonly string[];
}

/** How often somebody would have been called: alarms of several series that meet, or nearly, are one call. */
export function callsOf(results: readonly SeriesResult[]): Call[] {
  const alarms = results
    .flatMap(({ name, stepMs, anomalies }) =>
      anomalies.map(({ startMs, endMs }) => ({ name, startMs, untilMs: endMs + alarmGapMs(stepMs) })),
    )
    .sort((a, b) => a.startMs - b.startMs);
  const calls: { startMs: number; untilMs: number; series: string[] }[] = [];
  for (const { name, startMs, untilMs } of alarms) {
    const last = calls.at(-1);
    if (last === undefined || startMs > last.untilMs) calls.push({ startMs, untilMs, series: [name] });
    else {
      last.untilMs = Math.max(last.untilMs, untilMs);
      if (!last.series.includes(name)) last.series.push(name);
    }
  }
  return calls;
}
