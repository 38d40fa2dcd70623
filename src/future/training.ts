import type { RecordedSeries } from '../backtest/input/recorded-series.js';
import type { RuleCalendar } from '../calendar/rule-calendar.js';
import type { Samples } from '../model/samples/columns.js';

/** Values that a model is trained on at most; a configuration allows as many buckets. */
const MAX_POINTS = 20_160;

/** What a model is trained on. */
export interface Training {
  readonly samples: Samples;
  /** Mean variance of single values around the means that `samples` are, in squared units of the series. */
  readonly valueVariance: number;
}

/**
 * The finite values from `fromMs` on that the calendar does not ignore, as they are; where they are too many, means over as few
 * steps as need be, at the middle of these.
 */
export function trainingOf(
  { samples }: RecordedSeries,
  { fromMs, stepMs, calendar }: { fromMs: number; stepMs: number; calendar: Pick<RuleCalendar, 'ignores'> },
): Training {
  const rows = [...samples.timesMs.keys()].filter((i) => {
    const timeMs = samples.timesMs[i]!;
    return timeMs >= fromMs && Number.isFinite(samples.values[i]!) && !calendar.ignores(timeMs);
  });
  const timesMs = Float64Array.from(rows, (i) => samples.timesMs[i]!);
  const values = Float64Array.from(rows, (i) => samples.values[i]!);
  if (rows.length <= MAX_POINTS) return { samples: { timesMs, values }, valueVariance: 0 };
  const widthMs = stepMs * Math.ceil((timesMs.at(-1)! - timesMs[0]! + stepMs) / (MAX_POINTS * stepMs));
  return means({ timesMs, values }, widthMs);
}

function means({ timesMs, values }: Samples, widthMs: number): Training {
  const [times, meansOf]: [number[], number[]] = [[], []];
  let [squares, n] = [0, 0];
  for (let i = 0; i < timesMs.length; ) {
    const bucket = Math.floor(timesMs[i]! / widthMs);
    const first = i;
    let sum = 0;
    for (; i < timesMs.length && Math.floor(timesMs[i]! / widthMs) === bucket; i++) sum += values[i]!;
    const mean = sum / (i - first);
    for (let j = first; j < i; j++) squares += (values[j]! - mean) ** 2;
    n += i - first;
    times.push((bucket + 0.5) * widthMs);
    meansOf.push(mean);
  }
  // Each mean takes one degree of freedom.
  return {
    samples: { timesMs: Float64Array.from(times), values: Float64Array.from(meansOf) },
    valueVariance: squares / Math.max(1, n - times.length),
  };
}
