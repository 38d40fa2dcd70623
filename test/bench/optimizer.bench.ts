import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optimizer as stan } from '@bsull/augurs-prophet-wasmstan';
import { designFit } from '#src/forecast/design/design.js';
import { fitWithAugurs, type Optimizer } from '#src/forecast/fit/augurs.js';
import { optimizeMap } from '#src/forecast/map/map-optimizer.js';
import { buildMapProblem } from '#src/forecast/map/map-problem.js';
import type { Samples } from '#src/model/samples/columns.js';
import type { ProphetSettings } from '#src/model/settings/settings.js';
import { prophetSettings } from '../fixtures.js';
import { serverLoad } from '../forecast/series.js';
import { median, printTable, timeMs } from './timing.js';

/**
 * The exact optimizer beside Stan (WebAssembly, as augurs calls it), on the same samples in one run. The exact side
 * includes building its columns; Stan's is its `optimize` alone. With the option `r`, native Stan too: the wall time of
 * `prophet()` in R, where Debian's r-cran-prophet is installed.
 */
export async function bench(options: string[]): Promise<Record<string, unknown>> {
  const rows: { n: number; K: number; stanMs: number; exactMs: number; ratio: number; nativeMs?: number }[] = [];
  for (const n of [1008, 2016, 4032, 10080]) {
    for (const K of [8, 14]) {
      const samples = serverLoad(n / 12, 12, n);
      const settings = prophetSettings({ dailySeasonality: true, weeklySeasonality: K === 14 });
      const stanMs = timeStan(samples, settings, n > 3000 ? 1 : 3);
      const exactMs = timeMs(() => {
        optimizeMap(buildMapProblem(samples, designFit(samples, settings)));
      }, 100);
      const native = options.includes('r') && n <= 4032 ? { nativeMs: timeNative(samples, K) } : {};
      rows.push({ n, K, stanMs, exactMs, ratio: stanMs / exactMs, ...native });
    }
  }
  printTable(rows);
  return {
    ratioToWasmstan: Math.round(median(rows.map((row) => row.ratio))),
    medianMs: Number(median(rows.map((row) => row.exactMs)).toFixed(3)),
  };
}

/** Median time of Stan's `optimize` in milliseconds. */
function timeStan(samples: Samples, settings: ProphetSettings, runs: number): number {
  const times: number[] = [];
  const timed: Optimizer = {
    optimize(init, data, options) {
      const started = performance.now();
      const output = (stan as Optimizer).optimize(init, data, options);
      times.push(performance.now() - started);
      return output;
    },
  };
  for (let run = 0; run < runs; run++) fitWithAugurs(samples, settings, timed);
  return median(times);
}

/** Wall time of one `prophet()` in R, in milliseconds. */
function timeNative({ timesMs, values }: Samples, K: number): number {
  const dir = mkdtempSync(join(tmpdir(), 'sentio-bench-'));
  try {
    const rows = Array.from(
      values,
      (value, i) => `${new Date(timesMs[i]!).toISOString().slice(0, 19).replace('T', ' ')},${value}`,
    );
    writeFileSync(join(dir, 'train.csv'), ['ds,y', ...rows].join('\n'));
    const script = join(import.meta.dirname, '../../test/forecast/prophet-r/fit.R');
    const weekly = `weekly.seasonality=${K === 14 ? 3 : 0}`;
    execFileSync(
      'Rscript',
      [script, join(dir, 'train.csv'), 'series', dir, '1', '300', 'daily.seasonality=4', weekly],
      {
        stdio: 'ignore',
      },
    );
    return 1000 * JSON.parse(readFileSync(join(dir, 'series.fit.json'), 'utf8')).fit_seconds;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
