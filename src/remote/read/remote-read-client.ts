import type { RemoteReadSettings } from '../../model/settings/endpoint.js';
import { compress, SnappyDecoder } from '../../wire/core/snappy.js';
import { WriteBatch } from '../../wire/core/write-batch.js';
import { decodeChunkedResponse, hasUnknownChunks } from '../../wire/read/chunked-answer.js';
import { type AnsweredSeries, decodeReadResponse } from '../../wire/read/read-answer.js';
import { encodeReadRequest, type ResponseType } from '../../wire/read/read-request.js';
import { HttpClient } from '../http/http-client.js';
import type { HistoryClient, HistoryClientOptions, HistoryQuery, HistorySeries } from './history-client.js';
import { asHistoryError, checkAnswer, HistoryError } from './history-error.js';
import { MAX_ANSWERED_SERIES } from './matrix-answer.js';

/** Of one series in one answer: a day at ten a second. */
const MAX_SAMPLES = 2 ** 20;
/** 20 million samples in XOR chunks, or 2 million as samples, compressed. */
const MAX_ANSWER_BYTES = 32 * 2 ** 20;
/** Media types of answers. */
const CHUNKED = 'application/x-streamed-protobuf';
const SAMPLES = 'application/x-protobuf';
const MAX_DECODED_BYTES = 64 * 2 ** 20;

/**
 * Fetches history by remote-read: as XOR chunks, which cost the database least, or as samples. A database whose chunks are of a
 * type that is not known here is asked for samples from then on, and every database where native histograms are wanted.
 */
export class RemoteReadClient implements HistoryClient {
  readonly #http: HttpClient;
  readonly #now: () => number;
  readonly #snappy = new SnappyDecoder();
  readonly #batch = new WriteBatch(MAX_SAMPLES);
  #accepted: readonly ResponseType[] = ['streamed_xor_chunks', 'samples'];

  constructor(settings: RemoteReadSettings, options: HistoryClientOptions) {
    this.#http = new HttpClient(settings, options);
    this.#now = options.now;
  }

  async fetch(query: HistoryQuery, signal: AbortSignal): Promise<Iterable<HistorySeries>> {
    const answer = await this.#ask(query, signal);
    if (answer !== undefined) return answer;
    this.#accepted = ['samples'];
    return (await this.#ask(query, signal)) ?? [];
  }

  /** The answer; undefined where it has chunks of an unknown type. */
  async #ask(
    { matchers, startMs, endMs, wantsHistograms }: HistoryQuery,
    signal: AbortSignal,
  ): Promise<Iterable<HistorySeries> | undefined> {
    const query = { startMs, endMs: endMs - 1, matchers };
    const accepted: readonly ResponseType[] = wantsHistograms === true ? ['samples'] : this.#accepted;
    try {
      const answer = await this.#http.post(compress(encodeReadRequest(query, accepted)), {
        headers: {
          'content-encoding': 'snappy',
          'content-type': 'application/x-protobuf',
          'x-prometheus-remote-read-version': '0.1.0',
        },
        maxAnswerBytes: MAX_ANSWER_BYTES,
        signal,
      });
      checkAnswer(this.#http, answer, this.#now());
      const mediaType = (answer.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
      switch (mediaType) {
        case CHUNKED:
          if (accepted.length > 1 && hasUnknownChunks(answer.body)) return undefined;
          return this.#bounded(decodeChunkedResponse(answer.body, this.#batch));
        case SAMPLES:
          return this.#bounded(
            decodeReadResponse(await this.#snappy.decodeInSlices(answer.body, MAX_DECODED_BYTES), this.#batch),
          );
        default:
          throw new HistoryError(
            `the response has media type ${JSON.stringify(mediaType.slice(0, 100))}: is this a remote-read endpoint?`,
            {},
          );
      }
    } catch (error) {
      throw asHistoryError(this.#http, error);
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  *#bounded(answer: Iterable<AnsweredSeries>): Generator<AnsweredSeries> {
    try {
      let series = 0;
      for (const answered of answer) {
        if (++series > MAX_ANSWERED_SERIES) {
          throw new HistoryError(`the response has more than ${MAX_ANSWERED_SERIES} series`, {});
        }
        yield answered;
      }
    } catch (error) {
      throw asHistoryError(this.#http, error);
    }
  }
}
