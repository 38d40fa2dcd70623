import { makeLabels } from '#src/model/labels/labels.js';
import { compress } from '#src/wire/core/snappy.js';
import { encodeReadRequest } from '#src/wire/read/read-request.js';
import { DAY, MINUTE } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { readMetrics } from '../harness/metrics-page.js';
import { startPrometheus } from '../harness/prometheus.js';
import { sendSeries } from '../harness/remote-write.js';
import { startSentio } from '../harness/sentio.js';
import { eventually } from '../harness/wait.js';

const SERIES = 1_000;
const WARM_UP_ROUNDS = 5;
const ROUNDS = 10;
const SELECTOR = '{__name__=~"load_yhat(_lower|_upper)?",sentio="forecast"}';

/**
 * How long it takes to serve the day to come of 1,000 series, yhat and its interval every 5 minutes: to a client of Sentio in
 * either form of the answer, to one of the query API, and to one of a Prometheus' query_range.
 */
export async function bench(): Promise<Record<string, unknown>> {
  const cleanup = new Cleanup();
  try {
    const { url, writeUrl } = await startSentio(cleanup, {
      rules: [{ name: 'all', match: ['load'], step: '5s', resolution: '10m', history: '15d', horizon: '2d' }],
      engine: { series_idle_timeout: '1d' },
    });
    const nowMs = Math.floor(Date.now() / MINUTE) * MINUTE;
    await sendSeries(writeUrl, series(nowMs));
    await eventually('all series are fitted', async () => await isFitted(url), { deadlineMs: 300_000 });
    const range = { startMs: nowMs, endMs: nowMs + DAY - 5 * MINUTE, stepMs: 5 * MINUTE };

    const results: Record<string, unknown> = { series: SERIES, pointsPerSeries: 288, samples: 3 * SERIES * 288 };
    for (const type of ['samples', 'streamed_xor_chunks'] as const) {
      results[type] = await measured(type, url, () => readDirectly(url, type, range));
    }
    results.queryApi = await measured('query API', url, () => queryRange(`${url}/prometheus`, range));
    if (skipUnlessInstalled('prometheus') === false) {
      const prometheus = await startPrometheus(cleanup, {
        remoteRead: [{ url: `${url}/api/v1/read`, read_recent: true, required_matchers: { sentio: 'forecast' } }],
      });
      results.queryRange = await measured('query_range', url, () => queryRange(prometheus.url, range));
    }
    return results;
  } finally {
    await cleanup.run();
  }
}

function series(nowMs: number) {
  return Array.from({ length: SERIES }, (_, i) => ({
    labels: Object.fromEntries(
      makeLabels({ __name__: 'load', instance: `10.0.${i >> 8}.${i & 255}:9100`, job: 'node', zone: `z${i % 3}` }).map(
        ({ name, value }) => [name, value],
      ),
    ),
    points: Array.from({ length: 2160 }, (_, j) => nowMs - (2159 - j) * 10 * MINUTE).map((timeMs, j) => ({
      timeMs,
      value: 10 * Math.sin((2 * Math.PI * timeMs) / DAY) + ((i * 7919 + j * 104729) % 100) / 25,
    })),
  }));
}

async function isFitted(url: string): Promise<boolean> {
  const { data } = (await getJson(`${url}/api/v1/series?limit=${SERIES}`)) as { data: { fit?: { points: number } }[] };
  return data.length === SERIES && data.every(({ fit }) => (fit?.points ?? 0) >= 2100);
}

/** Milliseconds of processor time that Sentio has spent so far, garbage collection and all. */
async function cpuMs(url: string): Promise<number> {
  return 1000 * ((await readMetrics(url)).sum('process_cpu_seconds_total') ?? 0);
}

async function readDirectly(
  url: string,
  type: 'samples' | 'streamed_xor_chunks',
  { startMs, endMs, stepMs }: { startMs: number; endMs: number; stepMs: number },
): Promise<number> {
  const matchers = [
    { name: '__name__', type: '=~', value: 'load_yhat(_lower|_upper)?' },
    { name: 'sentio', type: '=', value: 'forecast' },
  ] as const;
  const request = encodeReadRequest({ startMs, endMs, matchers, hints: { stepMs, func: '' } }, [type]);
  const response = await fetch(`${url}/api/v1/read`, { method: 'POST', body: new Uint8Array(compress(request)) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.arrayBuffer()).byteLength;
}

async function queryRange(
  url: string,
  { startMs, endMs, stepMs }: { startMs: number; endMs: number; stepMs: number },
): Promise<number> {
  const parameters = {
    query: SELECTOR,
    start: `${startMs / 1000}`,
    end: `${endMs / 1000}`,
    step: `${stepMs / 1000}`,
  };
  const response = await fetch(`${url}/api/v1/query_range?${new URLSearchParams(parameters)}`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.arrayBuffer()).byteLength;
}

async function measured(name: string, url: string, task: () => Promise<number>): Promise<object> {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) await task();
  let bytes = 0;
  const times: number[] = [];
  const before = await cpuMs(url);
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    bytes = await task();
    times.push(performance.now() - startMs);
  }
  const sentioCpuMs = ((await cpuMs(url)) - before) / ROUNDS;
  times.sort((a, b) => a - b);
  const [bestMs, medianMs] = [times[0]!, times[ROUNDS >> 1]!];
  console.log(
    `${name.padEnd(20)} ${medianMs.toFixed(1)} ms (best ${bestMs.toFixed(1)} ms, Sentio's CPU ${sentioCpuMs.toFixed(1)} ms), ${(bytes / 2 ** 20).toFixed(1)} MiB`,
  );
  return { medianMs, bestMs, sentioCpuMs, bytes };
}
