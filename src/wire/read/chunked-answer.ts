import { malformed, ProtoCursor, WireType } from '../core/proto-cursor.js';
import { WireError } from '../core/wire-error.js';
import type { WriteBatch } from '../core/write-batch.js';
import { crc32c } from './crc32c.js';
import { type AnsweredSeries, decodeLabels, samplesOf } from './read-answer.js';
import { XorDecoder } from './xor-decoder.js';
import { Xor2Decoder } from './xor2-decoder.js';

// ChunkedReadResponse, ChunkedSeries and Chunk (prompb/remote.proto, types.proto); what is not read has no name here.
const RESPONSE_SERIES = (1 << 3) | WireType.bytes;
const RESPONSE_FIELDS = 0b10;
const SERIES_LABELS = (1 << 3) | WireType.bytes;
const SERIES_CHUNKS = (2 << 3) | WireType.bytes;
const SERIES_FIELDS = 0b110;
const CHUNK_MIN_TIME = (1 << 3) | WireType.varint;
const CHUNK_MAX_TIME = (2 << 3) | WireType.varint;
const CHUNK_TYPE = (3 << 3) | WireType.varint;
const CHUNK_DATA = (4 << 3) | WireType.bytes;
const CHUNK_FIELDS = 0b1_1110;
/** Types of chunks (prometheus/prometheus tsdb/chunkenc/chunk.go); those of histograms are not decoded. */
const XOR = 1;
const XOR2 = 4;
const HISTOGRAMS: ReadonlySet<number> = new Set([2, 3, 5, 6]);

const CHECKSUM_BYTES = 4;
/** Prometheus cuts frames at 1 MiB by default; the checksum of a frame is computed at once. */
const MAX_FRAME_BYTES = 16 * 2 ** 20;
/** A series has more than one frame only if it does not fit into one. */
const MAX_FRAMES_PER_SERIES = 1_000;

/**
 * Decodes the frames of a STREAMED_XOR_CHUNKS answer to one query (see chunked-response.ts for the format) series by
 * series, by way of `batch`, which bounds the samples of one series. A series that fills several frames is put together
 * again; chunks of histograms are skipped and counted. Throws `WireError`, also for a chunk of a type that is not known
 * (`hasUnknownChunks`).
 */
export function* decodeChunkedResponse(body: Uint8Array, batch: WriteBatch): Generator<AnsweredSeries> {
  const decoders = { xor: new XorDecoder(), xor2: new Xor2Decoder() };
  const cursor = new ProtoCursor(body);
  // The series being put together: where its labels are in the body; empty before the first.
  let labelsStart = 0;
  let labelsEnd = 0;
  const read = () => ({
    labels: decodeLabels(body, labelsStart, labelsEnd),
    samples: samplesOf(batch),
    histograms: batch.histograms,
  });
  let frames = 0;
  batch.clear();
  while (cursor.pos < body.length) {
    if (++frames > MAX_FRAMES_PER_SERIES) throw new WireError('malformed', 'a series fills too many frames');
    const frameEnd = openFrame(cursor);
    while (cursor.pos < frameEnd) {
      const tag = cursor.tag(frameEnd);
      if (tag !== RESPONSE_SERIES) {
        cursor.skip(tag, frameEnd, RESPONSE_FIELDS);
        continue;
      }
      const seriesEnd = cursor.open(frameEnd);
      const start = cursor.pos;
      passLabels(cursor, seriesEnd);
      if (cursor.pos === start) throw malformed('a series has no labels');
      if (!sameBytes(body, labelsStart, labelsEnd, start, cursor.pos)) {
        if (labelsEnd > labelsStart) yield read();
        batch.clear();
        frames = 1;
        labelsStart = start;
        labelsEnd = cursor.pos;
      }
      readChunks(cursor, seriesEnd, decoders, batch);
    }
  }
  if (labelsEnd > labelsStart) yield read();
}

/**
 * Whether a STREAMED_XOR_CHUNKS answer has chunks of a type that is not known here, as a newer Prometheus may send them: the same
 * samples can be asked for as SAMPLES. Says nothing of a broken answer, which `decodeChunkedResponse` refuses.
 */
export function hasUnknownChunks(body: Uint8Array): boolean {
  try {
    return findUnknownChunk(body);
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

function findUnknownChunk(body: Uint8Array): boolean {
  const cursor = new ProtoCursor(body);
  const visit = (end: number, fields: readonly number[]): boolean => {
    const [field, ...inner] = fields;
    while (cursor.pos < end) {
      const tag = cursor.tag(end);
      if (tag === CHUNK_TYPE && inner.length === 0) {
        const type = cursor.varint(end);
        if (type !== XOR && type !== XOR2 && !HISTOGRAMS.has(type)) return true;
      } else if (tag === field) {
        if (visit(cursor.open(end), inner)) return true;
      } else cursor.skip(tag, end, 0);
    }
    return false;
  };
  while (cursor.pos < body.length) {
    const length = cursor.varint(body.length);
    const end = Math.min(cursor.pos + CHECKSUM_BYTES + length, body.length);
    cursor.pos = Math.min(cursor.pos + CHECKSUM_BYTES, end);
    if (visit(end, [RESPONSE_SERIES, SERIES_CHUNKS])) return true;
    cursor.pos = end;
  }
  return false;
}

/** Checks a frame and returns where it ends; the cursor is then at its message. */
function openFrame(cursor: ProtoCursor): number {
  const { bytes, view } = cursor;
  const length = cursor.varint(bytes.length);
  // An answer of nothing else would hold the event loop: no series is handed over meanwhile.
  if (length === 0) throw new WireError('malformed', 'a frame is empty');
  const start = cursor.pos + CHECKSUM_BYTES;
  const end = start + length;
  if (end > bytes.length) throw new WireError('malformed', 'the response is truncated in a frame');
  if (length > MAX_FRAME_BYTES) throw new WireError('too_large', `a frame has more than ${MAX_FRAME_BYTES} bytes`);
  if (crc32c(bytes, start, end) !== view.getUint32(cursor.pos)) {
    throw new WireError('malformed', 'the checksum of a frame is wrong');
  }
  cursor.pos = start;
  return end;
}

/** Labels must come before chunks, as every protobuf encoder writes them. */
function passLabels(cursor: ProtoCursor, end: number): void {
  while (cursor.pos < end && cursor.bytes[cursor.pos] === SERIES_LABELS) {
    cursor.pos++;
    cursor.pos = cursor.open(end);
  }
}

interface Decoders {
  readonly xor: XorDecoder;
  readonly xor2: Xor2Decoder;
}

function readChunks(cursor: ProtoCursor, end: number, decoders: Decoders, batch: WriteBatch): void {
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === SERIES_CHUNKS) readChunk(cursor, cursor.open(end), decoders, batch);
    else if (tag === SERIES_LABELS) throw malformed('labels appear among chunks');
    else cursor.skip(tag, end, SERIES_FIELDS);
  }
}

function readChunk(cursor: ProtoCursor, end: number, decoders: Decoders, batch: WriteBatch): void {
  let type = 0;
  let dataStart = 0;
  let dataEnd = 0;
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === CHUNK_TYPE) type = cursor.varint(end);
    else if (tag === CHUNK_DATA) {
      dataEnd = cursor.open(end);
      dataStart = cursor.pos;
      cursor.pos = dataEnd;
    } else if (tag === CHUNK_MIN_TIME || tag === CHUNK_MAX_TIME) cursor.int64(end);
    else cursor.skip(tag, end, CHUNK_FIELDS);
  }
  if (type === XOR) decoders.xor.decode(cursor.bytes, dataStart, dataEnd, batch);
  else if (type === XOR2) decoders.xor2.decode(cursor.bytes, dataStart, dataEnd, batch);
  else if (HISTOGRAMS.has(type)) batch.countHistogram();
  else throw malformed(`a chunk has the unknown type ${type}`);
}

function sameBytes(bytes: Uint8Array, startA: number, endA: number, startB: number, endB: number): boolean {
  if (endA - startA !== endB - startB) return false;
  for (let i = 0; i < endA - startA; i++) if (bytes[startA + i] !== bytes[startB + i]) return false;
  return true;
}
