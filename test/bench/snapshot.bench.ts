// Snapshots of a full store at default settings: `npm run bench -- snapshot [SERIES]`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Engine } from '#src/engine/engine.js';
import { SnapshotFile } from '#src/engine/snapshot/snapshot-file.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import type { FitOutcome } from '#src/forecast/pool/fit-pool.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { storedBuckets } from '#src/model/samples/ring-view.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { DAY, MINUTE, makeSettings } from '../fixtures.js';
import { makeStore } from '../series/fixture.js';

const HISTORY = { historyMs: 15 * DAY, resolutionMs: 10 * MINUTE, stepMs: MINUTE };

/** Fills series with 15 days and a model each, writes a snapshot, and loads it into another store. */
export async function bench([count = '100000']: string[]): Promise<Record<string, unknown>> {
  const seriesCount = Number(count);
  const folder = await mkdtemp(join(tmpdir(), 'sentio-bench-'));
  try {
    const file = new SnapshotFile(folder);
    const live = await fittedEngine(seriesCount);
    globalThis.gc?.();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const writeStartMs = performance.now();
    const bytes = await file.write(live.engine.snapshot(), new AbortController().signal);
    const writeSeconds = (performance.now() - writeStartMs) / 1000;
    delay.disable();
    live.store.clear();

    const restored = engineOver(seriesCount);
    const loadStartMs = performance.now();
    const loaded = await file.read((read) => restored.engine.restore(read));
    const loadSeconds = (performance.now() - loadStartMs) / 1000;
    const result = {
      series: loaded!.series.size,
      writeSeconds: round(writeSeconds),
      loadSeconds: round(loadSeconds),
      maxStallMs: round(delay.max / 1e6),
      p99StallMs: round(delay.percentile(99) / 1e6),
      bytesPerSeries: Math.round(bytes / seriesCount),
    };
    console.log(`${seriesCount} series, ${(bytes / 1e6).toFixed(0)} MB:`);
    console.log(`  written in ${result.writeSeconds} s, event loop held ${result.maxStallMs} ms at most`);
    console.log(`  loaded in ${result.loadSeconds} s`);
    return result;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function engineOver(seriesCount: number): { store: SeriesStore; engine: Engine; settle(): Promise<void> } {
  const store = makeStore({ maxSeries: seriesCount }, HISTORY);
  // A model as the default settings make of a fortnight: daily and weekly seasonality, a few bends.
  const timesMs = Float64Array.from({ length: 2000 }, (_, i) => Date.now() - (2000 - i) * 10 * MINUTE);
  const values = timesMs.map(
    (ms, i) => 50 + 10 * Math.sin((2 * Math.PI * ms) / DAY) + Math.sin(i) + (i > 1000 ? i / 100 : 0),
  );
  const outcome: FitOutcome = {
    ...fitProphet({ timesMs, values }, makeSettings().prophet),
    source: 'history',
    durationMs: 1,
  };
  let fits = 0;
  const engine = new Engine({
    store,
    pool: {
      fit: async () => {
        fits++;
        return outcome;
      },
    },
    fitConcurrency: 1000,
    externalLabels: [],
    writer: { append: () => true, appendStale: () => true, flush: () => {} },
    log: pino({ level: 'silent' }),
    now: Date.now,
    registry: new Registry(),
  });
  const settle = async () => {
    while (fits < seriesCount) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { store, engine, settle };
}

async function fittedEngine(seriesCount: number) {
  const { store, engine, settle } = engineOver(seriesCount);
  const nowMs = Date.now();
  store.beginRequest(nowMs);
  for (let i = 0; i < seriesCount; i++) {
    const block = encodeLabelBlock(
      makeLabels({
        __name__: 'http_request_duration_seconds_count',
        container: 'checkout',
        endpoint: 'metrics',
        instance: `10.0.${i}:9100`,
        job: 'kubernetes-service-endpoints',
        namespace: 'production-eu-west-1',
        pod: 'checkout-7d9f8b6c5-x2x7k',
        service: 'checkout',
      }),
    );
    const ref = store.resolve(block, 0, block.length);
    store.append(ref, nowMs - DAY, i);
    store.append(ref, nowMs, i);
  }
  for (const id of store.ids()) {
    const { fine, coarse } = store.trainingView(id);
    for (const ring of [storedBuckets(fine), storedBuckets(coarse)]) {
      for (let i = 0; i < ring.length; i++) ring[i] = (id + i) % 97;
    }
  }
  engine.start();
  await settle();
  engine.stop();
  return { store, engine };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
