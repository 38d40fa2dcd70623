import { readFileSync } from 'node:fs';
import type { Samples } from '../../model/columns.js';

/** A series from a file; `labels` has 1 where somebody marked an anomaly, and is undefined where nobody looked. */
export interface RecordedSeries {
  readonly samples: Samples;
  readonly labels: Uint8Array | undefined;
}

const TIME = 'unix_seconds';
const VALUE = 'value';
const LABEL = 'label';

/**
 * Reads `unix_seconds,value[,label]`: a header, then rows in ascending order of time; an empty value is a gap. Throws
 * `RangeError` that names the file and the line.
 */
export function readCsv(path: string): RecordedSeries {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  const header = (lines[0] ?? '').split(',').map((name) => name.trim());
  const [timeAt, valueAt, labelAt] = [TIME, VALUE, LABEL].map((name) => header.indexOf(name)) as [
    number,
    number,
    number,
  ];
  if (timeAt < 0 || valueAt < 0) {
    throw new RangeError(`Cannot read ${path}: the first line must name ${TIME} and ${VALUE}, got "${lines[0] ?? ''}"`);
  }
  const count = lines.length - 1;
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const cells = lines[i + 1]!.split(',');
    const timeMs = Number(cells[timeAt] || Number.NaN) * 1000;
    const text = cells[valueAt]?.trim() ?? '';
    const value = text === '' ? Number.NaN : Number(text);
    const isNumber = text === '' || text === 'NaN' || !Number.isNaN(value);
    if (!Number.isFinite(timeMs) || !isNumber || (i > 0 && timeMs <= timesMs[i - 1]!)) {
      throw new RangeError(`Cannot read ${path}: line ${i + 2} is not the next sample: "${lines[i + 1]}"`);
    }
    timesMs[i] = timeMs;
    values[i] = value;
    labels[i] = cells[labelAt]?.trim() === '1' ? 1 : 0;
  }
  return { samples: { timesMs, values }, labels: labelAt < 0 ? undefined : labels };
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
