import type { Samples } from '../../model/samples/columns.js';

/** A series of the past; `labels` has 1 where somebody marked an anomaly, and is undefined where nobody looked. */
export interface RecordedSeries {
  readonly samples: Samples;
  readonly labels: Uint8Array | undefined;
}

/** The distance that most neighbours have, in milliseconds; NaN for fewer than two samples. */
export function samplingIntervalMs(timesMs: Float64Array): number {
  const counts = new Map<number, number>();
  let interval = Number.NaN;
  for (let i = 1; i < timesMs.length; i++) {
    const distance = timesMs[i]! - timesMs[i - 1]!;
    const count = (counts.get(distance) ?? 0) + 1;
    counts.set(distance, count);
    if (count > (counts.get(interval) ?? 0)) interval = distance;
  }
  return interval;
}

/** The samples before an instant. */
export function before({ samples, labels }: RecordedSeries, untilMs: number): RecordedSeries {
  const at = samples.timesMs.findIndex((timeMs) => timeMs >= untilMs);
  if (at < 0) return { samples, labels };
  const { timesMs, values } = samples;
  return {
    samples: { timesMs: timesMs.subarray(0, at), values: values.subarray(0, at) },
    labels: labels?.subarray(0, at),
  };
}
