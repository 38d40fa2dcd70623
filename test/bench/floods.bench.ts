import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Pool } from 'undici';
import { compress } from '#src/wire/core/snappy.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { readMetrics } from '../harness/metrics-page.js';
import { onLoopback } from '../harness/place.js';
import { freePort } from '../harness/port.js';
import { type Sentio, startSentio } from '../harness/sentio.js';
import { eventually } from '../harness/wait.js';
import { EXPRESSIONS, exclusion, FLOODS, type Statuses } from './flood-kinds.js';
import type { Answered, Probed } from './flood-probe.js';
import { postWrite } from './post-write.js';
import { processorWaitMs, resetPeak, residentMib } from './process-figures.js';
import { printTable } from './timing.js';
import { WriteWorkload } from './write-workload.js';

const STEP_MS = 5_000;
const REST_MS = 300;
/** Of Sentio and the probe, each in a session of its own; what floods has the lowest priority. */
const FIRST = ['setsid', 'nice', '-n', '-20'];
/** Of all exclusions together. */
const MAX_EXPRESSIONS = 500;
const RESTART = 'exclusions-at-start';
const LAG = 'sentio_event_loop_lag_seconds';

/**
 * What a flood by one client holds up: `/-/healthy`, asked every 15 ms, and a good remote-write every 100 ms, both by a process of
 * their own. `-- KIND… --series N --rounds R`: all kinds, 20,000 series, three rounds. Sentio and the probe come first
 * where there is no processor for all, as far as the user may say so (root), and what floods comes last: `probeLagMs` and
 * the kinds that send nothing say what is the machine's. `chrt` would not do, because the kernel takes 50 ms of every second
 * from a process that is busy so. Each kind has a Sentio of its own.
 */
export async function bench(options: string[]): Promise<Record<string, unknown>> {
  const { values, positionals } = parseArgs({
    args: options,
    allowPositionals: true,
    options: { series: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '3' } },
  });
  const kinds = positionals.length > 0 ? positionals : [...Object.keys(FLOODS), RESTART];
  const unknown = kinds.filter((kind) => FLOODS[kind] === undefined && kind !== RESTART);
  if (unknown.length > 0)
    throw new Error(`unknown flood ${unknown.join(', ')}: known are ${[...Object.keys(FLOODS), RESTART].join(', ')}`);
  const [series, rounds] = [Number(values.series), Number(values.rounds)];
  const floods: Record<string, object> = {};
  for (const kind of kinds) {
    floods[kind] = await measure(kind, series, rounds);
    console.log(kind, JSON.stringify(floods[kind]));
  }
  printTable(Object.entries(floods).map(([flood, figures]) => ({ flood, ...figures, statuses: undefined })));
  return { series, rounds, first: FIRST.join(' '), floods };
}

async function measure(kind: string, series: number, rounds: number): Promise<object> {
  const cleanup = new Cleanup();
  try {
    const sentio = await startSentio(
      cleanup,
      { defaults: { step: `${STEP_MS / 1000}s` }, rules: [{ name: 'all', match: ['{__name__=~".+"}'] }] },
      {
        flags: ['--log.level=error', `--storage.path=${await temporaryFolder(cleanup)}`],
        place: { ...onLoopback(await freePort()), command: FIRST },
      },
    );
    comeFirst(sentio.process.pid);
    await fill(sentio, series);
    return kind === RESTART ? await measureStart(cleanup, sentio) : await measureFlood(cleanup, sentio, kind, rounds);
  } finally {
    await cleanup.run();
  }
}

/** Two steps of every series, so that there is something to list. */
async function fill({ url }: Sentio, series: number): Promise<void> {
  const workload = new WriteWorkload(series);
  const pool = new Pool(url, { connections: 1 });
  for (const atMs of [Date.now() - 2 * STEP_MS, Date.now() - STEP_MS])
    for (const body of workload.round(atMs)) await postWrite(pool, compress(body));
  await pool.close();
  await eventually('all series are there', async () => (await readMetrics(url)).sum('sentio_series') === series, {
    deadlineMs: 60_000,
  });
  await sleep(STEP_MS);
}

async function measureFlood(cleanup: Cleanup, sentio: Sentio, kind: string, rounds: number): Promise<object> {
  const { hostname: host, port } = new URL(sentio.url);
  const sender = new Worker(new URL('flood-sender.js', import.meta.url), {
    workerData: { kind, host, port: Number(port) },
  });
  cleanup.add(() => sender.terminate());
  const statuses: Statuses = {};
  const figures = await probed(sentio, async () => {
    for (let round = 0; round < rounds; round++) {
      sender.postMessage('flood');
      const [answers] = (await once(sender, 'message')) as [Statuses];
      for (const [status, count] of Object.entries(answers)) statuses[status] = (statuses[status] ?? 0) + count;
      await sleep(REST_MS);
    }
  });
  return { ...figures, statuses };
}

/** Two evaluations after a start with as many expressions as all exclusions together may have. */
async function measureStart(cleanup: Cleanup, sentio: Sentio): Promise<object> {
  const pool = new Pool(sentio.url);
  cleanup.add(() => pool.destroy());
  const statuses: Statuses = {};
  for (let i = 0; i < MAX_EXPRESSIONS / EXPRESSIONS - 1; i++) {
    const { statusCode, body } = await pool.request({ ...exclusion(i), headers: { ...exclusion(i).headers } });
    await body.dump();
    statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
  }
  await sentio.process.stop();
  await sentio.restart();
  comeFirst(sentio.process.pid);
  return { ...(await probed(sentio, () => sleep(2 * STEP_MS))), statuses };
}

/** Figures of what Sentio does while `run` runs. */
async function probed(sentio: Sentio, run: () => Promise<void>): Promise<object> {
  const { url, process: child } = sentio;
  const [command, ...args] = [...FIRST, process.execPath, new URL('flood-probe.js', import.meta.url).pathname, url];
  const probe = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    await once(probe, 'message');
    comeFirst(probe.pid!);
    await readMetrics(url);
    const { now } = residentMib(child.pid);
    resetPeak(child.pid);
    const waitedMs = processorWaitMs(child.pid);
    const started = performance.now();
    await run();
    const seconds = (performance.now() - started) / 1000;
    const lagMs = 1000 * ((await readMetrics(url)).sum(LAG, { percentile: '100' }) ?? Number.NaN);
    const skipped = (await readMetrics(url)).sum('sentio_evaluations_skipped_total');
    probe.send('end');
    const [{ health, writes, ownLagMs }] = (await once(probe, 'message')) as [Probed];
    const rounded = {
      healthMaxMs: longest(health, 1),
      healthP99Ms: longest(health, 0.99),
      writeMaxMs: longest(writes, 1),
      longestTurnMs: lagMs,
      waitedForProcessorMs: processorWaitMs(child.pid) - waitedMs,
      probeLagMs: ownLagMs,
      residentGrowthMib: residentMib(child.pid).peak - now,
      seconds,
    };
    return {
      ...Object.fromEntries(Object.entries(rounded).map(([name, value]) => [name, Number(value.toFixed(1))])),
      asked: health.length,
      unhealthy: health.filter(({ status }) => status !== 200).length,
      writesRefused: writes.filter(({ status }) => status !== 204).length,
      evaluationsSkipped: skipped,
    };
  } finally {
    probe.kill();
  }
}

/** As far as the user may: of a session of its own, precedence over other sessions (sched(7), autogroup). */
function comeFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '-20');
  } catch {
    console.log('not allowed to have precedence: figures are also those of the machine');
  }
}

function longest(answers: readonly Answered[], quantile: number): number {
  const ascending = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return ascending[Math.ceil(quantile * ascending.length) - 1] ?? Number.NaN;
}
