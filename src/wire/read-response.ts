import type { Samples } from '../model/columns.js';
import { decodeLabelBlock, LabelError } from '../model/label-block.js';
import type { Labels } from '../model/labels.js';
import { ReadResponseMessage } from './messages.js';
import { malformed, ProtoCursor, WireType } from './proto-cursor.js';
import { WriteBatch } from './write-batch.js';
import { decodeWriteRequest1 } from './write-request-1.js';

/** A series in an answer to a remote-read. Times ascend; a stale marker is a NaN. */
export interface ReadSeries {
  readonly labels: Labels;
  readonly samples: Samples;
}

const RESPONSE_RESULTS = (1 << 3) | WireType.bytes;
const RESPONSE_FIELDS = 0b10;

/** Encodes a prometheus.ReadResponse, one list of series per query of the request; not compressed. Values that are NaN are left out. */
export function encodeReadResponse(results: readonly (readonly ReadSeries[])[]): Uint8Array {
  const message = {
    results: results.map((series) => ({
      timeseries: series.map(({ labels, samples }) => ({ labels, samples: sampleMessages(samples) })),
    })),
  };
  return ReadResponseMessage.encode(message).finish();
}

function sampleMessages({ timesMs, values }: Samples): { value: number; timestamp: number }[] {
  const messages: { value: number; timestamp: number }[] = [];
  for (const [i, value] of values.entries()) {
    if (!Number.isNaN(value)) messages.push({ value, timestamp: timesMs[i]! });
  }
  return messages;
}

/**
 * Decodes a prometheus.ReadResponse of at most `maxSamples` samples and as many series a query. Throws `WireError`. `body`
 * must be the caller's own: its bytes may be moved about.
 */
export function decodeReadResponse(body: Uint8Array, maxSamples: number): ReadSeries[][] {
  const results: ReadSeries[][] = [];
  const batch = new WriteBatch(maxSamples);
  const cursor = new ProtoCursor(body);
  while (cursor.pos < body.length) {
    const tag = cursor.tag(body.length);
    if (tag === RESPONSE_RESULTS) {
      const end = cursor.open(body.length);
      // A QueryResult is a WriteRequest without metadata: field 1 is the series.
      const result = body.subarray(cursor.pos, end);
      decodeWriteRequest1(result, batch);
      results.push(seriesOf(result, batch));
      cursor.pos = end;
    } else cursor.skip(tag, body.length, RESPONSE_FIELDS);
  }
  return results;
}

function seriesOf(result: Uint8Array, batch: WriteBatch): ReadSeries[] {
  const series: ReadSeries[] = [];
  let start = 0;
  for (let i = 0; i < batch.seriesCount; i++) {
    const end = batch.samplesEnd[i]!;
    series.push({
      labels: decodeLabels(result, batch.labelsStart[i]!, batch.labelsEnd[i]!),
      samples: { timesMs: batch.timesMs.slice(start, end), values: batch.values.slice(start, end) },
    });
    start = end;
  }
  return series;
}

function decodeLabels(bytes: Uint8Array, start: number, end: number): Labels {
  try {
    return decodeLabelBlock(bytes, start, end);
  } catch (error) {
    if (error instanceof LabelError) throw malformed(error.message, { cause: error });
    throw error;
  }
}
