// A whole fleet's history out of a real Prometheus: `npm run bench -- backfill-fleet [--series=10000] [--days=14] [--step=5m]`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDuration } from '#src/lib/durations.js';
import { compress } from '#src/wire/core/snappy.js';
import { HOUR } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { startPrometheus } from '../harness/prometheus.js';
import { fleet } from './history-reader.js';

const SERIES_PER_REQUEST = 500;

/** Puts the history of a fleet into a Prometheus, an hour at a time, and has a process of its own read all of it back. */
export async function bench(options: string[]): Promise<Record<string, unknown>> {
  const absent = skipUnlessInstalled('prometheus');
  if (absent !== false) return { skipped: absent };
  const { values } = parseArgs({
    args: options,
    options: {
      series: { type: 'string', default: '10000' },
      days: { type: 'string', default: '14' },
      step: { type: 'string', default: '5m' },
    },
  });
  const [series, days, stepMs] = [Number(values.series), Number(values.days), parseDuration(values.step)];
  const cleanup = new Cleanup();
  try {
    const { url } = await startPrometheus(cleanup, {
      flags: ['--log.level=error', '--storage.tsdb.retention.time=60d'],
    });
    const endMs = Math.floor(Date.now() / HOUR) * HOUR;
    const startedMs = performance.now();
    const blocks = fleet(series);
    for (let hourMs = endMs - days * 24 * HOUR; hourMs < endMs; hourMs += HOUR) {
      // An hour is as far apart as series may be: Prometheus takes nothing that is older than that.
      await loadHour(`${url}/api/v1/write`, blocks, hourMs, stepMs);
    }
    const loadSeconds = (performance.now() - startedMs) / 1000;
    const samples = (series * days * 24 * HOUR) / stepMs;
    console.log(`${(samples / 1e6).toFixed(1)} M samples are in Prometheus after ${loadSeconds.toFixed(0)} s`);
    const reader = fork(join(import.meta.dirname, 'history-reader.js'), [`${url}/api/v1/read`, values.series], {
      execArgv: ['--expose-gc'],
    });
    const ended = once(reader, 'exit').then(([code]) => {
      throw new Error(`The reader ended with code ${code}`);
    });
    const [read] = (await Promise.race([once(reader, 'message'), ended])) as [Record<string, number>];
    ended.catch(() => {});
    console.table(read);
    return { series, days, stepSeconds: stepMs / 1000, loadSeconds: Math.round(loadSeconds), ...read };
  } finally {
    await cleanup.run();
  }
}

async function loadHour(url: string, blocks: readonly Uint8Array[], hourMs: number, stepMs: number): Promise<void> {
  const requests: number[] = [];
  for (let first = 0; first < blocks.length; first += SERIES_PER_REQUEST) requests.push(first);
  const send = async () => {
    for (let first = requests.shift(); first !== undefined; first = requests.shift()) {
      const part = blocks.slice(first, first + SERIES_PER_REQUEST);
      const body = compress(encodeHour(part, first, hourMs, stepMs)) as Uint8Array<ArrayBuffer>;
      const headers = {
        'Content-Type': 'application/x-protobuf',
        'Content-Encoding': 'snappy',
        'X-Prometheus-Remote-Write-Version': '0.1.0',
      };
      const response = await fetch(url, { method: 'POST', headers, body });
      const text = await response.text();
      if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${text}`);
    }
  };
  await Promise.all([send(), send(), send()]);
}

/** Bytes of a Sample with a time of this century in a TimeSeries: tag, length, tag, double, tag, varint of 41 bits. */
const SAMPLE_BYTES = 1 + 1 + 1 + 8 + 1 + 6;

/** A WriteRequest of gauges with noise in their last digit. */
function encodeHour(blocks: readonly Uint8Array[], firstSeries: number, hourMs: number, stepMs: number): Uint8Array {
  const samples = HOUR / stepMs;
  const sizes = blocks.map((block) => block.length + samples * SAMPLE_BYTES);
  const out = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size + 6, 0));
  let at = 0;
  const varint = (value: number) => {
    for (; value > 0x7f; value = Math.floor(value / 0x80)) out[at++] = (value % 0x80) | 0x80;
    out[at++] = value;
  };
  blocks.forEach((block, i) => {
    out[at++] = 0x0a;
    varint(sizes[i]!);
    out.set(block, at);
    at += block.length;
    for (let j = 0; j < samples; j++) {
      const timeMs = hourMs + j * stepMs;
      const noise = ((firstSeries + i) * 7919 + (timeMs / stepMs) * 104729) % 97;
      out[at++] = 0x12;
      out[at++] = SAMPLE_BYTES - 2;
      out[at++] = 0x09;
      at = out.writeDoubleLE(Math.round(1000 * Math.sin(timeMs / 13_750_000) + noise) / 10, at);
      out[at++] = 0x10;
      varint(timeMs);
    }
  });
  return out.subarray(0, at);
}
