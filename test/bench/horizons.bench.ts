// How good the curve of the future is by lead time: `npm run bench -- horizons [--cold] [WIDTH…]`.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { findSeries } from '#src/backtest/input/find-series.js';
import { parseConfig } from '#src/config/load.js';
import { evalDir } from '../forecast/eval-data.js';
import type { Horizons } from './horizons-worker.js';

/** Families of servers' metrics with steps of 10 minutes or less, and what is left of them: constants are chosen on one half. */
const CHOSEN_ON = ['aiops-kpi', 'asd', 'mscloud-minute', 'nab-known'];
const CHECKED_ON = ['nab-aws', 'prometheus-redhat', 'smd', 'wsd'];
/** With `--cold` a service starts so many days after the evaluation does, with the history before it. */
const COLD_DAYS = [0, 2, 4];
const FAMILIES = [...CHOSEN_ON, ...CHECKED_ON];

/**
 * Replays the dense series of the server families at means of 10 minutes and measures the curve from shared origins. The
 * errors are over that of "as a day ago": median of each family, mean of these (MASE), and geometric mean of all series.
 */
export async function bench(options: string[]): Promise<Record<string, unknown>> {
  if (evalDir === undefined) {
    console.log('skipped: no ../shared/eval and no SENTIO_EVAL_DIR');
    return { skipped: true };
  }
  const isCold = options.includes('--cold');
  const given = options.filter((option) => option !== '--cold').map(Number);
  const widths = given.length > 0 ? given : [0.8, 0.95, 0.99];
  const files = findSeries([join(evalDir, 'public')]).files.filter(({ name }) =>
    FAMILIES.some((family) => name.startsWith(`${family}/`)),
  );
  const starts = evaluatedFrom(join(evalDir, 'public', 'MANIFEST.csv'));
  const pool = new Piscina({
    filename: join(import.meta.dirname, 'horizons-worker.js'),
    maxThreads: availableParallelism(),
  });
  const figures: Record<string, unknown> = {};
  try {
    for (const width of widths) {
      const { settings } = parseConfig(`defaults: {prophet: {interval_width: ${width}}}`, '.').rules[0]!;
      const found = await Promise.all(
        files.flatMap(({ path, name }) =>
          (isCold ? COLD_DAYS : [undefined]).map(
            (coldDays) =>
              pool.run({ path, name, settings, fromMs: starts.get(name) ?? 0, coldDays }) as Promise<
                Horizons | undefined
              >,
          ),
        ),
      );
      const dense = found.filter((each) => each !== undefined);
      figures[width] = tell(width, dense);
    }
  } finally {
    await pool.destroy();
  }
  return figures;
}

/** By name of a series when its evaluation starts, in Unix milliseconds: what is before is for learning. */
function evaluatedFrom(manifest: string): Map<string, number> {
  const [header, ...rows] = readFileSync(manifest, 'utf8').split(/\r?\n/);
  const at = header!.split(',').indexOf('eval_start_unix');
  return new Map(
    rows.map((row) => {
      const cells = row.split(',');
      return [cells[0]!.replace(/\.csv$/, ''), 1000 * Number(cells[at])];
    }),
  );
}

function tell(width: number, series: readonly Horizons[]): Record<string, unknown> {
  console.log(`interval of ${width}, ${series.length} series`);
  const rows: Record<string, unknown> = {};
  for (const lead of ['10m', '1h', '6h', '24h', 'path']) {
    const of = (key: 'mase' | 'linear' | 'coverage' | 'intervalScore') =>
      series.map(({ name, leads }) => ({ name, value: leads[lead]?.[key] ?? Number.NaN }));
    const near = of('coverage').filter(({ value }) => Math.abs(value - width) <= 0.04).length / series.length;
    const half = (families: readonly string[]) =>
      round(macro(of('mase').filter(({ name }) => families.includes(name.split('/')[0]!))));
    rows[lead] = {
      mase: round(macro(of('mase'))),
      chosenOn: half(CHOSEN_ON),
      checkedOn: half(CHECKED_ON),
      relative: round(geometricMean(of('mase'))),
      linear: round(macro(of('linear'))),
      coverage: round(macro(of('coverage'))),
      near: round(near),
      intervalScore: round(macro(of('intervalScore'))),
    };
  }
  console.table(rows);
  return rows;
}

function macro(all: readonly { name: string; value: number }[]): number {
  const byFamily = new Map<string, number[]>();
  for (const { name, value } of all) {
    if (!Number.isFinite(value)) continue;
    const family = name.split('/')[0]!;
    byFamily.set(family, [...(byFamily.get(family) ?? []), value]);
  }
  const medians = [...byFamily.values()].map(median);
  return medians.reduce((sum, each) => sum + each, 0) / medians.length;
}

function geometricMean(all: readonly { value: number }[]): number {
  const logs = all.map(({ value }) => Math.log(value)).filter(Number.isFinite);
  return Math.exp(logs.reduce((sum, each) => sum + each, 0) / logs.length);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
