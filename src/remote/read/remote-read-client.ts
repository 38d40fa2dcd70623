import type { RemoteReadSettings } from '../../model/endpoint.js';
import { compress, SnappyDecoder } from '../../wire/core/snappy.js';
import { WriteBatch } from '../../wire/core/write-batch.js';
import { decodeChunkedResponse } from '../../wire/read/chunked-answer.js';
import { type AnsweredSeries, decodeReadResponse } from '../../wire/read/read-answer.js';
import { encodeReadRequest } from '../../wire/read/read-request.js';
import { HttpClient } from '../http/http-client.js';
import type { HistoryClient, HistoryQuery, HistorySeries } from './history-client.js';
import { asHistoryError, checkAnswer, HistoryError } from './history-error.js';

/** Of one series in one answer: a day at ten a second. */
const MAX_SAMPLES = 2 ** 20;
/** 20 million samples in XOR chunks, or 2 million as samples, compressed. */
const MAX_ANSWER_BYTES = 32 * 2 ** 20;
const MAX_DECODED_BYTES = 64 * 2 ** 20;

/** Fetches history by remote-read: as XOR chunks, which cost the database least, or else as samples. */
export class RemoteReadClient implements HistoryClient {
  readonly #http: HttpClient;
  readonly #now: () => number;
  readonly #snappy = new SnappyDecoder();
  readonly #batch = new WriteBatch(MAX_SAMPLES);

  constructor(settings: RemoteReadSettings, { userAgent, now }: { userAgent: string; now: () => number }) {
    this.#http = new HttpClient(settings, userAgent);
    this.#now = now;
  }

  async fetch({ matchers, startMs, endMs }: HistoryQuery, signal: AbortSignal): Promise<Iterable<HistorySeries>> {
    const query = { startMs, endMs: endMs - 1, matchers };
    try {
      const answer = await this.#http.post(compress(encodeReadRequest(query, ['streamed_xor_chunks', 'samples'])), {
        headers: {
          'content-encoding': 'snappy',
          'content-type': 'application/x-protobuf',
          'x-prometheus-remote-read-version': '0.1.0',
        },
        maxAnswerBytes: MAX_ANSWER_BYTES,
        signal,
      });
      checkAnswer(this.#http, answer, this.#now());
      return this.#decode(answer.body, answer.headers['content-type'] ?? '');
    } catch (error) {
      throw asHistoryError(this.#http, error);
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  *#decode(body: Uint8Array, contentType: string): Generator<AnsweredSeries> {
    try {
      const [mediaType = ''] = contentType.split(';', 1);
      switch (mediaType.trim().toLowerCase()) {
        case 'application/x-streamed-protobuf':
          yield* decodeChunkedResponse(body, this.#batch);
          return;
        case 'application/x-protobuf':
          yield* decodeReadResponse(this.#snappy.decode(body, MAX_DECODED_BYTES), this.#batch);
          return;
        default:
          throw new HistoryError(`the answer is ${JSON.stringify(mediaType.slice(0, 100))}: is this remote-read?`, {});
      }
    } catch (error) {
      throw asHistoryError(this.#http, error);
    }
  }
}
