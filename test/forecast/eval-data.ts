import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Samples } from '#src/model/samples/columns.js';

/*
 * The benchmark data of a neighbouring folder, which is not part of the repository (parts of it may not be passed on).
 * Tests that need it are skipped where it is absent.
 */
const candidates = [process.env.SENTIO_EVAL_DIR, join(import.meta.dirname, '../../../shared/eval')];
export const evalDir = candidates.find((dir) => dir !== undefined && existsSync(dir));

/** For the `skip` of a test that needs the data. */
export const evalSkip = evalDir === undefined ? 'no ../shared/eval and no SENTIO_EVAL_DIR' : false;

/** With SENTIO_TEST_ALL=1 tests go through all of the data and at length; by default through a sample of it. */
export const testAll = process.env.SENTIO_TEST_ALL === '1';

/** Paths of all series, relative to the data's folder; empty where it is absent. */
export function listSeries(): string[] {
  if (evalDir === undefined) return [];
  return ['prophet-examples', 'public']
    .flatMap((part) =>
      readdirSync(join(evalDir, part), { recursive: true, encoding: 'utf8' }).map((path) => join(part, path)),
    )
    .filter((path) => path.endsWith('.csv') && !path.includes('reference/') && !path.endsWith('MANIFEST.csv'))
    .sort();
}

/** Reads one of them. */
export function readSeries(path: string): Samples {
  return readCsv(join(evalDir!, path));
}

/**
 * Reads a CSV file of (Unix seconds or ISO time, value, …) rows, with or without a header and in any order; rows without
 * a finite value are left out.
 */
export function readCsv(file: string): Samples {
  const rows = readFileSync(file, 'utf8')
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll('"', '').split(','))
    .map(([time, value]) => ({ timeMs: parseTime(time!), value: value ? Number(value) : Number.NaN }))
    .filter(({ timeMs, value }) => Number.isFinite(timeMs) && Number.isFinite(value))
    .sort((a, b) => a.timeMs - b.timeMs);
  return {
    timesMs: Float64Array.from(rows, (row) => row.timeMs),
    values: Float64Array.from(rows, (row) => row.value),
  };
}

/** Makes a long series short: means of as many neighbours as it takes to have at most `max`, at whole seconds. */
export function thin({ timesMs, values }: Samples, max: number): Samples {
  const width = Math.ceil(values.length / max);
  const length = Math.floor(values.length / width);
  const mean = (all: Float64Array, i: number) =>
    all.subarray(i * width, (i + 1) * width).reduce((sum, x) => sum + x / width, 0);
  return {
    timesMs: Float64Array.from({ length }, (_, i) => 1000 * Math.round(mean(timesMs, i) / 1000)),
    values: Float64Array.from({ length }, (_, i) => mean(values, i)),
  };
}

function parseTime(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  return Date.parse(`${text.replace(' ', 'T').replace(/Z$/, '')}${text.length > 10 ? '' : 'T00:00:00'}Z`);
}
