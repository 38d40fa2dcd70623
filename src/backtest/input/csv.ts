import { MIN_POINTS } from '../../engine/fits/refit-policy.js';
import { UsageError } from '../../lib/errors.js';
import { readTextFile } from '../../lib/files/read-text-file.js';
import type { RecordedSeries } from './recorded-series.js';

const TIME = 'unix_seconds';
const VALUE = 'value';
const LABEL = 'label';

/** Five million rows: ten years of a sample a minute. */
const MAX_FILE_BYTES = 128 * 2 ** 20;

/**
 * Reads `unix_seconds,value[,label]`: a header, then rows in ascending order of time; an empty value or `NaN` is a gap.
 * Throws `UsageError` that names the file, and the line.
 */
export function readCsv(path: string): RecordedSeries {
  const refuse = (reason: string): never => {
    throw new UsageError(`Cannot read ${path}: ${reason}`);
  };
  const lines = readText(path, refuse).split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) refuse('the file is empty');
  const header = lines[0]!.split(',').map((name) => name.trim());
  const [timeAt, valueAt, labelAt] = [TIME, VALUE, LABEL].map((name) => header.indexOf(name)) as [
    number,
    number,
    number,
  ];
  if (timeAt < 0 || valueAt < 0) {
    refuse(`the first line must name ${TIME} and ${VALUE}, got ${JSON.stringify(lines[0]!.slice(0, 100))}`);
  }
  const count = lines.length - 1;
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  const labels = new Uint8Array(count);
  let present = 0;
  for (let i = 0; i < count; i++) {
    const cells = lines[i + 1]!.split(',');
    const time = cells[timeAt]?.trim() ?? '';
    const text = cells[valueAt]?.trim() ?? '';
    const timeMs = Number(time || Number.NaN) * 1000;
    const value = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(timeMs)) refuse(`line ${i + 2}: ${JSON.stringify(time)} is no time in seconds since 1970`);
    if (i > 0 && timeMs <= timesMs[i - 1]!) {
      refuse(`line ${i + 2}: the time ${time} does not come after ${timesMs[i - 1]! / 1000}; sort the file by time`);
    }
    if (Number.isNaN(value) && text !== '' && text.toLowerCase() !== 'nan') {
      refuse(`line ${i + 2}: ${JSON.stringify(text)} is no number`);
    }
    timesMs[i] = timeMs;
    values[i] = value;
    labels[i] = cells[labelAt]?.trim() === '1' ? 1 : 0;
    if (Number.isFinite(value)) present++;
  }
  if (present < MIN_POINTS) refuse(`it holds ${present} values, and a forecast needs ${MIN_POINTS}`);
  return { samples: { timesMs, values }, labels: labelAt < 0 ? undefined : labels };
}

function readText(path: string, refuse: (reason: string) => never): string {
  try {
    return readTextFile(path, MAX_FILE_BYTES);
  } catch (error) {
    return refuse((error as Error).message + (error instanceof UsageError ? ': split it into its series' : ''));
  }
}
