// How good the alarms on the labelled series are: `npm run bench -- alarms [--interval-width W] [--false-alarms '1 per month'] [--day-types T] [options of score.mjs]`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { findSeries } from '#src/backtest/input/find-series.js';
import { parseConfig } from '#src/config/load.js';
import { evalDir } from '../forecast/eval-data.js';
import { bootstrap, type ScoredSeries } from './bootstrap.js';

/** What does not count among the server families of score.mjs, or has no labels. */
const NOT_SERVERS = /^(nab-(?!aws|known)|prometheus-redhat)/;

/**
 * `sentio backtest` of all labelled series and their scorer, for whoever changes how steps are scored: models are kept
 * from run to run (cached-fits.ts), so that only the first run waits for fits. The fields are those of docs/accuracy.md,
 * macro means over the server families.
 */
export async function bench(options: string[]): Promise<Record<string, unknown>> {
  if (evalDir === undefined) {
    console.log('skipped: no ../shared/eval and no SENTIO_EVAL_DIR');
    return { skipped: true };
  }
  const defaults = { 'interval-width': '0.99', 'false-alarms': '1 per week', 'day-types': 'auto' };
  const { values, rest: others } = takeOptions(options, defaults);
  const { 'interval-width': width, 'false-alarms': falseAlarms, 'day-types': dayTypes } = values;
  const keys = `prophet: {interval_width: ${width}, day_types: ${dayTypes}}, anomaly: {false_alarms: ${falseAlarms}}`;
  const config = parseConfig(`defaults: {${keys}}`, '.');
  const { settings } = config.rules[0]!;
  const truth = join(evalDir, 'public');
  const out = mkdtempSync(join(tmpdir(), 'sentio-alarms-'));
  const pool = new Piscina({
    filename: join(import.meta.dirname, 'alarms-worker.js'),
    maxThreads: availableParallelism(),
  });
  try {
    const started = performance.now();
    await Promise.all(findSeries([truth]).files.map(({ path, name }) => pool.run({ path, name, settings, out })));
    const replaySeconds = (performance.now() - started) / 1000;
    const json = join(out, 'scores.json');
    const args = [join(evalDir, 'score.mjs'), '--truth', truth, '--pred', out, '--interval-width', width];
    spawnSync(process.execPath, [...args, '--json', json, ...others], { stdio: ['ignore', 'inherit', 'inherit'] });
    return { replaySeconds, ...figures(json) };
  } finally {
    await pool.destroy();
    rmSync(out, { recursive: true });
  }
}

/** Takes these options, with their values, out of the others; each has a default. */
function takeOptions<Name extends string>(options: readonly string[], defaults: Readonly<Record<Name, string>>) {
  const values: Record<Name, string> = { ...defaults };
  let rest = [...options];
  for (const name of Object.keys(defaults) as Name[]) {
    const at = rest.indexOf(`--${name}`);
    if (at < 0) continue;
    values[name] = rest[at + 1] ?? '';
    rest = rest.toSpliced(at, 2);
  }
  return { values, rest };
}

/** The figures that docs/accuracy.md tells, from the scorer's own file. */
function figures(json: string): Record<string, unknown> {
  const { server, nab, series } = JSON.parse(readFileSync(json, 'utf8'));
  const { event_f1, false_alarms_per_day, vus_pr, auc_pr, coverage, mase } = server;
  const deviations = bootstrap(serverFamilies(series));
  console.log('standard deviations over series (bootstrap):', deviations);
  return { event_f1, false_alarms_per_day, vus_pr, auc_pr, coverage, mase, nab: nab?.standard, deviations };
}

/** Series of the families that the totals are about: those of servers, with labels. */
function serverFamilies(series: Readonly<Record<string, ScoredSeries>>): ScoredSeries[][] {
  const families = new Map<string, ScoredSeries[]>();
  for (const [name, scored] of Object.entries(series)) {
    const family = name.split('/')[0]!;
    if (NOT_SERVERS.test(family)) continue;
    families.set(family, [...(families.get(family) ?? []), scored]);
  }
  return [...families.values()];
}
