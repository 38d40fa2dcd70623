import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { tryOut } from '#src/try/try.js';
import { compress } from '#src/wire/core/snappy.js';
import { DAY, HOUR, MINUTE } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { startPrometheus } from '../harness/prometheus.js';
import { postWrite } from './post-write.js';

const SCRAPE_MS = 5 * MINUTE;
const DAYS = 14;
/** Prometheus refuses what is an hour older than its newest sample. */
const POINTS_PER_REQUEST = HOUR / SCRAPE_MS;
const SERIES_PER_REQUEST = 500;

/**
 * How long `sentio try` takes with a real Prometheus of so many series (`npm run bench -- try 300`): one in five has a rhythm
 * of its own, the others are constant, wander, come as copies, or are nearly always 0. Two weeks, a sample every five
 * minutes.
 */
export async function bench([count = '300']: string[]): Promise<Record<string, unknown>> {
  const cleanup = new Cleanup();
  const out = mkdtempSync(join(tmpdir(), 'sentio-bench-try-'));
  try {
    const prometheus = await startPrometheus(cleanup);
    await fill(prometheus.url, Number(count));
    const startMs = performance.now();
    const code = await tryOut({ url: prometheus.url, texts: [], out });
    const seconds = (performance.now() - startMs) / 1000;
    console.log(`${count} series: ${seconds.toFixed(1)} s`);
    return { series: Number(count), seconds, code };
  } finally {
    await cleanup.run();
    rmSync(out, { recursive: true, force: true });
  }
}

async function fill(url: string, count: number): Promise<void> {
  const client = new Pool(url);
  const blocks = Array.from({ length: count }, (_, i) =>
    encodeLabelBlock(
      makeLabels({ __name__: `app_metric_${i % 150}`, instance: `10.0.0.${i % 250}:9100`, job: 'app', shard: `${i}` }),
    ),
  );
  const walks = new Float64Array(count);
  const endMs = Math.floor(Date.now() / SCRAPE_MS) * SCRAPE_MS;
  const body = Buffer.alloc(SERIES_PER_REQUEST * 1024);
  for (let timeMs = endMs - DAYS * DAY; timeMs <= endMs; timeMs += POINTS_PER_REQUEST * SCRAPE_MS) {
    for (let first = 0; first < count; first += SERIES_PER_REQUEST) {
      let at = 0;
      for (let i = first; i < Math.min(count, first + SERIES_PER_REQUEST); i++) {
        const block = blocks[i]!;
        const points = Math.min(POINTS_PER_REQUEST, Math.floor((endMs - timeMs) / SCRAPE_MS) + 1);
        const length = block.length + points * SAMPLE_BYTES;
        body[at++] = 0x0a;
        at = writeVarint(body, at, length);
        body.set(block, at);
        at += block.length;
        for (let k = 0; k < points; k++) {
          const sampleMs = timeMs + k * SCRAPE_MS;
          body[at++] = 0x12;
          body[at++] = SAMPLE_BYTES - 2;
          body[at++] = 0x09;
          at = body.writeDoubleLE(valueAt(i, sampleMs, walks), at);
          body[at++] = 0x10;
          at = writeVarint(body, at, sampleMs);
        }
      }
      await postWrite(client, compress(body.subarray(0, at)));
    }
  }
  await client.close();
}

/** Two tags and a length, a double, and a tag with the six bytes of a time of these years. */
const SAMPLE_BYTES = 2 + 9 + 7;

function valueAt(i: number, timeMs: number, walks: Float64Array): number {
  const noise = Math.random() + Math.random() - 1;
  walks[i]! += noise;
  switch (i % 10) {
    case 0:
    case 5:
      return 100 + 30 * Math.sin((2 * Math.PI * timeMs) / DAY + i) + 5 * noise;
    case 1:
      return 100 + 30 * Math.sin((2 * Math.PI * timeMs) / DAY + (i - 1));
    case 2:
    case 3:
      return Math.round(200 + 40 * walks[i]!);
    case 4:
      return Math.random() < 0.002 ? 1 : 0;
    default:
      return i;
  }
}

function writeVarint(out: Buffer, at: number, value: number): number {
  let rest = value;
  let place = at;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[place++] = (rest % 0x80) | 0x80;
  out[place++] = rest;
  return place;
}
