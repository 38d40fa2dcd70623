import { createServer } from 'node:net';
import { listenFailure, parseListenAddress, urlOf } from '../cli/flags/listen-address.js';
import { createLogger } from '../cli/log.js';
import { nextSignal } from '../cli/process/next-signal.js';
import { Service } from '../cli/service.js';
import { parseConfig } from '../config/load.js';
import type { SeriesReport } from '../engine/query/series-report.js';
import { createRegistry } from '../lib/metrics/registry.js';
import { scoreText } from '../lib/score-text.js';
import { USER_AGENT, VERSION } from '../lib/version.js';
import { encodeLabelBlock } from '../model/labels/label-block.js';
import { formatLabels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { RemoteWriter } from '../remote/write/remote-writer.js';
import { exposeWorkload } from './exposition.js';
import { findPrometheus, freePort, startPrometheus } from './prometheus.js';
import { Screen } from './screen.js';
import { renderTable, type TableRow } from './table.js';
import { WORKLOAD, Workload } from './workload.js';

const STEP_MS = 5_000;
const HISTORY_MS = 14 * 24 * 3_600_000 + 3_600_000;
const HISTORY_SAMPLE_MS = 60_000;
const LIVE_SAMPLE_MS = 1_000;
const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Shows the whole job with nothing else installed: a made-up workload, two weeks of its history, live samples, forecasts
 * and scores, in a live table; and in a real Prometheus where there is one on PATH. Returns the exit code once
 * interrupted; by then every process and folder it made is gone.
 */
export async function demo({ listenAddress }: { listenAddress: string }): Promise<number> {
  const screen = new Screen(process.stdout);
  const log = createLogger({ level: 'error', format: 'pretty' });
  // A terminal that is closed is no reason to leave a Prometheus behind.
  const interrupted = Promise.race([nextSignal(...END_SIGNALS), screen.gone]);
  // Nor is a second Ctrl-C while everything is being ended, which takes seconds at most.
  for (const signal of END_SIGNALS) process.on(signal, () => {});
  const cleanups: (() => Promise<unknown>)[] = [];
  try {
    const listen = parseListenAddress(listenAddress);
    await assertFree(listen);
    const workload = new Workload({ noiseStepMs: STEP_MS, liveFromMs: Date.now() });
    const prometheusBinary = findPrometheus();
    const prometheusPort = prometheusBinary === undefined ? undefined : await freePort();
    const readConfig = () => parseConfig(demoConfig(prometheusPort), '.');
    const service = new Service({
      config: readConfig(),
      listen,
      enableLifecycle: false,
      log,
      registry: createRegistry({ version: VERSION }),
      readConfig,
    });
    cleanups.push(() => service.close());
    await loadHistory(service, workload, screen);
    const port = await service.start();
    const url = urlOf({ ...listen, port });
    screen.print(`Sentio ${VERSION} at ${url} (open it in a browser)`);
    if (prometheusBinary !== undefined && prometheusPort !== undefined) {
      const exposition = await exposeWorkload(workload, Date.now);
      cleanups.push(() => exposition.close());
      const prometheus = await startPrometheus({
        binary: prometheusBinary,
        port: prometheusPort,
        workloadPort: exposition.port,
        sentioUrl: url,
      });
      let isStopping = false;
      cleanups.push(() => {
        isStopping = true;
        return prometheus.stop();
      });
      void prometheus.ended.then((how) => {
        if (!isStopping)
          screen.print(`Prometheus has ended (${how}): no more samples arrive. Press Ctrl-C and start again.`);
      });
      screen.print(`Prometheus at ${prometheus.url}, with this graph: ${graphLink(prometheus.url)}`);
    } else {
      screen.print('No prometheus binary on PATH: the demo sends its samples by remote_write itself.');
      const sender = sendLive(workload, url, log);
      cleanups.push(() => sender.close());
    }
    const table = showTable(service, workload, screen);
    cleanups.push(async () => clearInterval(table));
    await interrupted;
    screen.leaveBlock();
    screen.print('Stopping …');
    await cleanUp(cleanups);
    screen.print('Stopped; all files of the demo are removed.');
    return 0;
  } catch (error) {
    screen.print(`The demo failed: ${failureText(error, listenAddress)}`);
    await cleanUp(cleanups);
    return 1;
  }
}

/** In the reverse order of what was made. */
async function cleanUp(cleanups: (() => Promise<unknown>)[]): Promise<void> {
  for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) await cleanup();
}

/** Rejects as listening would, before anything is made that would then be in vain. */
async function assertFree({ host, port }: { host: string; port: number }): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(port, host, resolve));
  await new Promise((resolve) => probe.close(resolve));
}

function failureText(error: unknown, listenAddress: string): string {
  const failure = listenFailure(error, listenAddress);
  if (failure === undefined) return (error as Error).message;
  // Without the dashes npm keeps the flag to itself.
  const command = process.env.npm_lifecycle_event === 'demo' ? 'npm run demo --' : 'sentio demo';
  return `${failure}. On any free port: ${command} --web.listen-address=127.0.0.1:0`;
}

function demoConfig(prometheusPort: number | undefined): string {
  const target = `remote_write: [{url: "http://127.0.0.1:${prometheusPort}/api/v1/write"}]`;
  return [
    ...(prometheusPort === undefined ? [] : [target]),
    'rules:',
    '  - name: demo',
    `    match: ['{__name__=~"demo_.+"}']`,
    '    step: 5s',
    '    resolution: 10m',
    '    history: 15d',
    '    refit_interval: 1m',
    '    publish_delay: 2s',
  ].join('\n');
}

/** Puts two weeks of history into the store by its front door, sample by sample. */
async function loadHistory({ store }: Service, workload: Workload, screen: Screen): Promise<void> {
  const blocks = WORKLOAD.map(({ labels }) => encodeLabelBlock(labels));
  const nowMs = Date.now();
  const startMs = nowMs - HISTORY_MS;
  const bar = screen.progress('two weeks of history', HISTORY_MS);
  let sliceEndMs = performance.now() + 20;
  for (let timeMs = startMs; timeMs <= nowMs; timeMs += HISTORY_SAMPLE_MS) {
    store.beginRequest(nowMs);
    workload.at(timeMs).forEach((value, i) => {
      const block = blocks[i]!;
      store.append(store.resolve(block, 0, block.length), timeMs, value);
    });
    if (performance.now() < sliceEndMs) continue;
    bar.update(timeMs - startMs);
    await new Promise((resolve) => setImmediate(resolve));
    sliceEndMs = performance.now() + 20;
  }
  bar.stop();
}

/** Sends a sample of every series each second, as a Prometheus would. */
function sendLive(workload: Workload, url: string, log: ReturnType<typeof createLogger>) {
  const registry = createRegistry({ version: VERSION });
  const targets = parseConfig(`remote_write: [{url: "${url}/api/v1/write"}]`, '.').remoteWrite;
  const writer = new RemoteWriter({ targets, userAgent: USER_AGENT, log, now: Date.now, registry });
  const blocks = WORKLOAD.map(({ labels }) => encodeLabelBlock(labels));
  const timer = setInterval(() => {
    const nowMs = Date.now();
    workload.at(nowMs).forEach((value, i) => {
      writer.append(blocks[i]!, '', undefined, nowMs, value);
    });
    writer.flush();
  }, LIVE_SAMPLE_MS);
  return {
    close: () => {
      clearInterval(timer);
      return writer.close(1000);
    },
  };
}

/**
 * Redraws the table every second and counts the anomalies: a run of anomalous steps of one series is one. Prints how long
 * the first injected anomaly took to be found.
 */
function showTable({ engine }: Service, workload: Workload, screen: Screen): NodeJS.Timeout {
  const counts = new Map<number, { anomalies: number; isAnomalous: boolean }>();
  let firstFinding: string | undefined;
  return setInterval(() => {
    const nowMs = Date.now();
    const rows: TableRow[] = [...engine.queries.series()].map((series) => {
      const report = engine.queries.report(series);
      const count = counts.get(report.id) ?? { anomalies: 0, isAnomalous: false };
      const isAnomalous = report.last.score > 1;
      if (isAnomalous && !count.isAnomalous) {
        count.anomalies++;
        if (firstFinding === undefined) {
          firstFinding = describeFinding(report, workload, nowMs);
          if (firstFinding !== undefined) screen.print(firstFinding);
        }
      }
      count.isAnomalous = isAnomalous;
      counts.set(report.id, count);
      return { report, anomalies: count.anomalies };
    });
    const struck = workload.struckAt(nowMs);
    screen.redraw([
      ...renderTable(rows, { color: screen.isTerminal, columns: screen.columns }),
      '',
      struck ? `injecting an anomaly into ${formatLabels(struck.labels)}` : 'an anomaly is injected about every minute',
      'Ctrl-C ends the demo and removes everything it made.',
    ]);
  }, 1000);
}

/** One line about an anomaly that was injected and has been found; undefined for an alarm that nothing was injected for. */
function describeFinding({ labels, last }: SeriesReport, workload: Workload, nowMs: number): string | undefined {
  const name = labelValue(labels, METRIC_NAME);
  const injected = WORKLOAD.find((series) => labelValue(series.labels, METRIC_NAME) === name);
  const struckMs = injected && workload.lastStruckMs(injected, nowMs);
  if (struckMs === undefined) return undefined;
  return `Anomaly in ${name}, score ${scoreText(last.score)}: found after ${Math.round((nowMs - struckMs) / 1000)} s`;
}

/** Prometheus' graph page with a series, what is expected of it and its prediction interval. */
function graphLink(url: string): string {
  const expression = encodeURIComponent('{__name__=~"demo_cpu_usage_percent(_yhat.*)?"}');
  return `${url}/graph?g0.expr=${expression}&g0.tab=0&g0.range_input=10m`;
}
