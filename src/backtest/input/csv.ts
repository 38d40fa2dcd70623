import { MIN_POINTS } from '../../engine/fits/refit-policy.js';
import { UsageError } from '../../lib/errors.js';
import { readTextFile } from '../../lib/files/read-text-file.js';
import { parseCsvTime, TIME_COLUMNS } from './csv-time.js';
import type { RecordedSeries } from './recorded-series.js';

/** Columns that hold values, the first of which counts: our own, and Prophet's. */
const VALUE_COLUMNS = ['value', 'y'];
const LABEL = 'label';

/** Five million rows: ten years of a sample a minute. */
const MAX_FILE_BYTES = 128 * 2 ** 20;

/**
 * Reads a header such as `unix_seconds,value[,label]`, `timestamp,value` or Prophet's `ds,y`, then rows in ascending order of
 * time (see `parseCsvTime`); an empty value or `NaN` is a gap. Throws `UsageError` that names the file, and the line.
 */
export function readCsv(path: string): RecordedSeries {
  const refuse = (reason: string): never => {
    throw new UsageError(`Cannot read ${path}: ${reason}`);
  };
  const lines = readText(path, refuse)
    .replace(/^\uFEFF/, '')
    .split(/\r\n?|\n/);
  while (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) refuse('the file is empty');
  const header = cellsOf(lines[0]!).map((name) => name.toLowerCase());
  const columnOf = (names: readonly string[]) =>
    names.map((name) => header.indexOf(name)).find((column) => column >= 0) ?? -1;
  const [timeAt, valueAt, labelAt] = [columnOf(TIME_COLUMNS), columnOf(VALUE_COLUMNS), columnOf([LABEL])];
  if (timeAt < 0 || valueAt < 0) {
    refuse(
      `the first line must name a column of times (${TIME_COLUMNS.join(', ')}) and one of values (${VALUE_COLUMNS.join(', ')}), ` +
        `got ${JSON.stringify(lines[0]!.slice(0, 100))}`,
    );
  }
  const isSeconds = header[timeAt] === TIME_COLUMNS[0];
  const count = lines.length - 1;
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  const labels = new Uint8Array(count);
  let present = 0;
  for (let i = 0; i < count; i++) {
    const cells = cellsOf(lines[i + 1]!);
    const time = cells[timeAt] ?? '';
    const text = cells[valueAt] ?? '';
    const timeMs = parseCsvTime(time, isSeconds);
    const value = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(timeMs))
      refuse(
        `line ${i + 2}: ${JSON.stringify(time)} is no time: write seconds or milliseconds since 1970, or a date such as 2026-01-05 or 2026-01-05 08:00:00`,
      );
    if (i > 0 && timeMs <= timesMs[i - 1]!) {
      refuse(
        `line ${i + 2}: the time ${time} does not come after ${cellsOf(lines[i]!)[timeAt]}; sort the file by time, and keep one series in a file`,
      );
    }
    if (Number.isNaN(value) && text !== '' && text.toLowerCase() !== 'nan') {
      refuse(`line ${i + 2}: ${JSON.stringify(text)} is no number`);
    }
    timesMs[i] = timeMs;
    values[i] = value;
    labels[i] = cells[labelAt] === '1' ? 1 : 0;
    if (Number.isFinite(value)) present++;
  }
  if (present < MIN_POINTS) refuse(`it holds ${present} values, and a forecast needs ${MIN_POINTS}`);
  return { samples: { timesMs, values }, labels: labelAt < 0 ? undefined : labels };
}

/** Cells without the quotes that exports put around them. */
function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

function readText(path: string, refuse: (reason: string) => never): string {
  try {
    return readTextFile(path, MAX_FILE_BYTES);
  } catch (error) {
    return refuse((error as Error).message + (error instanceof UsageError ? ': split it into its series' : ''));
  }
}
