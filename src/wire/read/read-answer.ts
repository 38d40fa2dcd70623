import { decodeLabelBlock, LabelError } from '../../model/labels/label-block.js';
import type { Labels } from '../../model/labels/labels.js';
import type { Samples } from '../../model/samples/columns.js';
import type { HistogramSample } from '../../model/samples/native-histogram.js';
import { malformed, ProtoCursor, WireType } from '../core/proto-cursor.js';
import type { WriteBatch } from '../core/write-batch.js';
import { decodeHistogram } from '../receive/decode-histogram.js';
import { readSeries } from '../receive/write-request-1.js';

/** A series of a remote-read response. Times ascend; a stale marker is a NaN. */
export interface AnsweredSeries {
  readonly labels: Labels;
  /** Views of the decoder's own columns, valid until the next series is read. */
  readonly samples: Samples;
  /** Native histograms, or chunks of them, that are there. */
  readonly histograms: number;
  /** The valid ones, decoded as they are asked for until the next series is read; none of chunks, which are not decoded. */
  readonly histogramSamples?: Iterable<HistogramSample>;
}

// ReadResponse.results and QueryResult.timeseries.
const FIELD_1 = (1 << 3) | WireType.bytes;
const FIELDS = 0b10;
/** One for each query of the request. */
const MAX_RESULTS = 1_000;

/**
 * Decodes a prometheus.ReadResponse series by series, by way of `batch`, which bounds the samples of one series. Throws
 * `WireError`. Writes to `body`: its bytes may be moved.
 */
export function* decodeReadResponse(body: Uint8Array, batch: WriteBatch): Generator<AnsweredSeries> {
  const cursor = new ProtoCursor(body);
  let results = 0;
  while (cursor.pos < body.length) {
    const tag = cursor.tag(body.length);
    if (tag !== FIELD_1) {
      cursor.skip(tag, body.length, FIELDS);
      continue;
    }
    if (++results > MAX_RESULTS) throw malformed(`it has more than ${MAX_RESULTS} results`);
    const end = cursor.open(body.length);
    while (cursor.pos < end) {
      const seriesTag = cursor.tag(end);
      if (seriesTag !== FIELD_1) {
        cursor.skip(seriesTag, end, FIELDS);
        continue;
      }
      batch.clear();
      readSeries(cursor, cursor.open(end), batch);
      yield {
        labels: decodeLabels(body, batch.labelsStart[0]!, batch.labelsEnd[0]!),
        samples: samplesOf(batch),
        histograms: batch.histograms,
        histogramSamples: histogramsOf(body, batch),
      };
    }
  }
}

function* histogramsOf(body: Uint8Array, batch: WriteBatch): Generator<HistogramSample> {
  for (let row = 0; row < batch.histogramCount; row++) yield decodeHistogram(batch.histogram(row, body));
}

/** The samples of a batch that holds one series. */
export function samplesOf({ timesMs, values, startsMs: starts, sampleCount }: WriteBatch): Samples {
  const startsMs = starts.subarray(0, sampleCount);
  return {
    timesMs: timesMs.subarray(0, sampleCount),
    values: values.subarray(0, sampleCount),
    ...(startsMs.some((startMs) => startMs > 0) && { startsMs }),
  };
}

/** Ten times the default limit of received series. */
const MAX_LABEL_BYTES = 2 ** 20;

/** As `decodeLabelBlock`, but bad labels, and more than a series can have, are a `WireError`. */
export function decodeLabels(bytes: Uint8Array, start: number, end: number): Labels {
  if (end - start > MAX_LABEL_BYTES) throw malformed(`the labels of a series take more than ${MAX_LABEL_BYTES} bytes`);
  try {
    return decodeLabelBlock(bytes, start, end);
  } catch (error) {
    if (error instanceof LabelError) throw malformed(error.message, { cause: error });
    throw error;
  }
}
