import { parseConfig } from '#src/config/load.js';
import { BackfillBatch } from '#src/engine/backfill/batch.js';
import { BackfillStats } from '#src/engine/backfill/stats.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import type { HistoryQuery } from '#src/remote/read/history-client.js';
import { SeriesStore } from '#src/series/series-store.js';
import { WriteBatch } from '#src/wire/core/write-batch.js';
import { decodeChunkedResponse } from '#src/wire/read/chunked-answer.js';
import { ChunkedResponseEncoder } from '#src/wire/read/chunked-response.js';
import { decodeReadResponse } from '#src/wire/read/read-answer.js';
import { ReadResponseEncoder } from '#src/wire/read/read-response.js';
import { DAY } from '../fixtures.js';

const SERIES = 100;
const SCRAPE_MS = 15_000;
const DAYS = 15;

/**
 * How many samples a second of processor time come from the bytes of an answer into columns, in either form, and on into the
 * rings; and how much memory that takes beside them. One batch: 100 series of 15 days, scraped every 15 s, day by day.
 */
export async function bench(): Promise<Record<string, unknown>> {
  const nowMs = Math.floor(Date.now() / DAY) * DAY;
  const blocks = Array.from({ length: SERIES }, (_, i) =>
    encodeLabelBlock(makeLabels({ __name__: 'load', instance: `10.0.0.${i}:9100`, job: 'node', zone: `z${i % 3}` })),
  );
  const results: Record<string, unknown> = { samplesPerAnswer: (SERIES * DAY) / SCRAPE_MS };
  for (const [type, encode, decode] of [
    ['samples', encodeSamples, decodeReadResponse],
    ['streamed_xor_chunks', encodeChunks, decodeChunkedResponse],
  ] as const) {
    const answers = Array.from({ length: DAYS }, (_, day) => encode(blocks, nowMs - (DAYS - day) * DAY));
    const batch = new WriteBatch(2 ** 20);
    const decoding = measure(() => {
      let samples = 0;
      for (const answer of answers) for (const series of decode(answer, batch)) samples += series.samples.values.length;
      return samples;
    });
    const filling: Measured[] = [];
    for (let round = 0; round < 3; round++)
      filling.push(await fill(blocks, nowMs, (day) => decode(answers[day]!, batch)));
    const best = filling.reduce((a, b) => (a.perSecond > b.perSecond ? a : b));
    console.log(
      `${type.padEnd(20)} decode ${millions(decoding.perSecond)} M/s, into rings ${millions(best.perSecond)} M/s, ${(answers[0]!.length / 2 ** 20).toFixed(1)} MiB an answer, RSS +${best.rssMiB!.toFixed(0)} MiB`,
    );
    results[type] = { decodePerSecond: decoding.perSecond, fillPerSecond: best.perSecond, rssMiB: best.rssMiB };
  }
  return results;
}

interface Measured {
  readonly perSecond: number;
  readonly rssMiB?: number;
}

/** The best of five: neighbours on the machine only ever slow down. */
function measure(task: () => number): Measured {
  let perSecond = 0;
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage();
    const samples = task();
    perSecond = Math.max(perSecond, samples / cpuSeconds(before));
  }
  return { perSecond };
}

async function fill(
  blocks: readonly Uint8Array[],
  nowMs: number,
  answer: (day: number) => ReturnType<typeof decodeReadResponse>,
): Promise<Measured> {
  const [rule] = parseConfig('', '.').rules;
  const store = new SeriesStore({
    ...RECEIVER_DEFAULTS,
    chooseRule: () => rule!,
    seriesIdleTimeoutMs: DAY,
    maxIgnoredBytes: 1e6,
    log: { warn: () => {} },
  });
  store.beginRequest(nowMs);
  for (const block of blocks) store.append(store.resolve(block, 0, block.length), nowMs, 1);
  const series = [...store.ids()].map((id) => new TrackedSeries(id));
  const stats = new BackfillStats();
  const gaps = series.map((one) => ({
    series: one,
    startMs: nowMs - DAYS * DAY,
    endMs: nowMs,
    repairFromMs: Number.POSITIVE_INFINITY,
    units: 1 as const,
  }));
  const batch = new BackfillBatch(gaps, {
    store,
    externalLabels: new Set(),
    stats,
    windowMs: DAY,
    readsHistograms: true,
  });
  const rssBefore = process.memoryUsage.rss();
  let rss = rssBefore;
  const before = process.cpuUsage();
  for (let query: HistoryQuery | undefined = batch.nextQuery; query !== undefined; query = batch.nextQuery) {
    await batch.accept(answer(DAYS - Math.round((nowMs - query.startMs) / DAY)));
    rss = Math.max(rss, process.memoryUsage.rss());
  }
  return { perSecond: stats.samples / cpuSeconds(before), rssMiB: (rss - rssBefore) / 2 ** 20 };
}

function cpuSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** A day of gauges with noise in their last digits, scraped with a jitter of a millisecond or two. */
function series(blocks: readonly Uint8Array[], startMs: number) {
  const count = DAY / SCRAPE_MS;
  return blocks.map((block, i) => ({
    block,
    samples: {
      timesMs: Float64Array.from(
        { length: count },
        (_, j) => startMs + j * SCRAPE_MS + ((i * 31 + j * 17) % 5 === 0 ? 1 : 0),
      ),
      values: Float64Array.from(
        { length: count },
        (_, j) => Math.round(1000 * Math.sin(j / 900) + ((i * 7919 + j * 104729) % 97)) / 10,
      ),
    },
  }));
}

function encodeSamples(blocks: readonly Uint8Array[], startMs: number): Uint8Array {
  const encoder = new ReadResponseEncoder();
  const all = series(blocks, startMs);
  encoder.startQuery(all);
  for (const one of all) encoder.addSeries(one);
  encoder.endQuery();
  return Buffer.concat(encoder.parts);
}

function encodeChunks(blocks: readonly Uint8Array[], startMs: number): Uint8Array {
  const encoder = new ChunkedResponseEncoder();
  return Buffer.concat(series(blocks, startMs).flatMap((one) => [...encoder.frames(one, 0)]));
}

function millions(perSecond: number): string {
  return (perSecond / 1e6).toFixed(1);
}
