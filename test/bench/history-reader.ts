// Backfills a fleet from the address given, and tells its parent what that took.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { parseConfig } from '#src/config/load.js';
import { Backfill } from '#src/engine/backfill/backfill.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import { connectHistory } from '#src/remote/read/connect-history.js';
import { SeriesStore } from '#src/series/series-store.js';

const MEBIBYTE = 2 ** 20;

/** The label blocks of a fleet of hosts that all have one metric. */
export function fleet(series: number): Uint8Array[] {
  return Array.from({ length: series }, (_, i) =>
    encodeLabelBlock(
      makeLabels({ __name__: 'load', instance: `host-${i}.example:9100`, job: 'node', zone: `z${i % 3}` }),
    ),
  );
}

async function read(url: string, count: number): Promise<Record<string, number>> {
  const config = parseConfig(`remote_read: [{url: "${url}", pause: 0s}]`, '.');
  const store = new SeriesStore({
    ...RECEIVER_DEFAULTS,
    chooseRule: () => config.rules[0],
    seriesIdleTimeoutMs: 3_600_000,
    maxIgnoredBytes: 1e6,
    log: pino({ level: 'silent' }),
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const registry = new Registry();
  let left = count;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const backfill = new Backfill({
    sources: config.remoteRead,
    connect: (source) => connectHistory(source, { userAgent: 'bench', now: Date.now }),
    store,
    externalLabels: [],
    onDone: () => {
      if (--left === 0) finish();
    },
    log: pino({ level: 'info' }),
    now: Date.now,
    registry,
  });
  store.listener = {
    seriesAdded: (id) => backfill.add(new TrackedSeries(id)),
    seriesRemoved: () => {},
    seriesReset: () => {},
    seriesResumed: () => {},
  };
  const nowMs = Date.now();
  store.beginRequest(nowMs);
  for (const block of fleet(count)) store.append(store.resolve(block, 0, block.length), nowMs, 1);
  globalThis.gc?.();
  const rss = () => process.memoryUsage.rss() / MEBIBYTE;
  // The rings are there, and empty.
  const before = rss();
  let peak = before;
  const watching = setInterval(() => {
    peak = Math.max(peak, rss());
  }, 20);
  delay.enable();
  const started = performance.now();
  const cpu = process.cpuUsage();
  await finished;
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  clearInterval(watching);
  backfill.stop();
  const metrics = await registry.getMetricsAsJSON();
  const total = (name: string) =>
    metrics.find((metric) => metric.name === name)!.values.reduce((sum, { value }) => sum + value, 0);
  const samples = total('sentio_backfill_samples_total');
  return {
    samples,
    seconds: round(seconds),
    samplesPerSecond: Math.round(samples / seconds),
    cpuSeconds: round((user + system) / 1e6),
    samplesPerCpuSecond: Math.round(samples / ((user + system) / 1e6)),
    rssBeforeMiB: round(before),
    rssGrowthMiB: round(peak - before),
    eventLoopDelayP99Ms: round(delay.percentile(99) / 1e6),
    eventLoopDelayMaxMs: round(delay.max / 1e6),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

if (process.argv[1] === import.meta.filename) {
  process.send!(await read(process.argv[2]!, Number(process.argv[3])));
}
