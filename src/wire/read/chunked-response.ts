import { ByteWriter, fieldSize, varintSize } from '../core/byte-writer.js';
import { crc32c } from './crc32c.js';
import type { ReadSeries } from './read-response.js';
import { XorEncoder } from './xor-encoder.js';

/** The media type of the answer. */
export const CHUNKED_MEDIA_TYPE = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';

/** What Prometheus cuts its chunks at (tsdb/head.go, DefaultSamplesPerChunk). */
const SAMPLES_PER_CHUNK = 120;
/** Samples in whole chunks that are encoded in one go: some 0.5 ms. */
const PIECE_SAMPLES = 128 * SAMPLES_PER_CHUNK;
const NOTHING = new Uint8Array(0);
/** What Prometheus cuts its frames at (--storage.remote.read-max-bytes-in-frame). */
const FRAME_BYTES = 2 ** 20;

// ChunkedReadResponse.chunked_series and .query_index; ChunkedSeries.chunks; Chunk's fields (prompb/remote.proto).
const CHUNKED_SERIES = 0x0a;
const QUERY_INDEX = 0x10;
const CHUNKS = 0x12;
const CHUNK_MIN_TIME = 0x08;
const CHUNK_MAX_TIME = 0x10;
const CHUNK_TYPE = 0x18;
const CHUNK_DATA = 0x22;
const XOR = 1;

/**
 * Encodes the frames of a STREAMED_XOR_CHUNKS answer: uvarint length, big-endian CRC-32C, ChunkedReadResponse (prometheus
 * storage/remote/chunked.go). A frame holds one series, or a part of one that is long: Prometheus reads no more of it.
 */
export class ChunkedResponseEncoder {
  readonly #xor = new XorEncoder();
  readonly #chunks = new ByteWriter();
  readonly #message = new ByteWriter();

  /**
   * The frames of one series, and an empty array after a piece of work of a bounded size where no frame is full yet. Series of a
   * query come in the order of their labels, queries in that of the request.
   */
  *frames({ block, samples: { timesMs, values } }: ReadSeries, queryIndex: number): Generator<Uint8Array> {
    for (let start = 0; start < timesMs.length; ) {
      this.#chunks.length = 0;
      while (start < timesMs.length && this.#chunks.length < FRAME_BYTES - block.length) {
        const end = Math.min(start + SAMPLES_PER_CHUNK, timesMs.length);
        this.#addChunk(timesMs[start]!, timesMs[end - 1]!, this.#xor.encode(timesMs, values, start, end));
        start = end;
        if (start % PIECE_SAMPLES === 0) yield NOTHING;
      }
      yield this.#frame(block, queryIndex);
    }
  }

  #addChunk(minMs: number, maxMs: number, data: Uint8Array): void {
    const chunks = this.#chunks;
    chunks.header(CHUNKS, 4 + varintSize(minMs) + varintSize(maxMs) + fieldSize(data.length));
    chunks.header(CHUNK_MIN_TIME, minMs);
    chunks.header(CHUNK_MAX_TIME, maxMs);
    chunks.header(CHUNK_TYPE, XOR);
    chunks.header(CHUNK_DATA, data.length);
    chunks.copy(data);
  }

  /** The chunks so far as a frame of its own bytes. */
  #frame(block: Uint8Array, queryIndex: number): Uint8Array {
    const message = this.#message;
    message.length = 0;
    message.header(CHUNKED_SERIES, block.length + this.#chunks.length);
    message.copy(block);
    message.copy(this.#chunks.written);
    // Proto3 leaves a 0 out.
    if (queryIndex > 0) message.header(QUERY_INDEX, queryIndex);
    const { written } = message;
    const lengthBytes = varintSize(written.length);
    const frame = new Uint8Array(lengthBytes + 4 + written.length);
    let length = written.length;
    for (let i = 0; i < lengthBytes; i++, length >>>= 7) frame[i] = length > 0x7f ? (length & 0x7f) | 0x80 : length;
    new DataView(frame.buffer).setUint32(lengthBytes, crc32c(written));
    frame.set(written, lengthBytes + 4);
    return frame;
  }
}
