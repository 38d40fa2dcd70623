import { messageOf } from '../../lib/errors.js';
import type { RemoteWriteSettings } from '../../model/settings/endpoint.js';
import { parseRetryAfter } from '../http/backoff.js';
import { describeAnswer } from '../http/describe-answer.js';
import type { HttpAnswer } from '../http/exchange.js';
import { HttpClient, type HttpClientOptions } from '../http/http-client.js';
import { answerText, errorText } from './answer/failure-text.js';
import { remedyFor } from './answer/remedy.js';
import { judgeStatus, type Verdict } from './answer/verdict.js';

const MAX_ANSWER_BYTES = 16 * 1024;
const SAMPLES_WRITTEN = 'x-prometheus-remote-write-samples-written';

// Remote-write specification, "Required headers" of 1.0 and of 2.0.
const PROTOCOL_HEADERS = {
  '1.0': {
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
  },
  '2.0': {
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'x-prometheus-remote-write-version': '2.0.0',
  },
} as const;

/** The result of sending a request once. */
export interface Attempt {
  readonly verdict: Verdict;
  /** Status and text of the answer, or the error: free of secrets, at most about 1 KiB. */
  readonly reason: string;
  /** Why it was not accepted, in words; free of secrets. */
  readonly text: string;
  /** What a person can do about it, where that is known. */
  readonly remedy: string | undefined;
  /** How long the target asks to wait. */
  readonly retryAfterMs: number | undefined;
  /** Samples that the target stored, where it accepted the request: all of them unless it reports fewer. */
  readonly written: number;
}

export interface WriteOptions {
  /** Snappy-compressed, in the schema of `protocol`. */
  readonly body: Uint8Array;
  readonly sampleCount: number;
  readonly protocol: '1.0' | '2.0';
  /** How often the same request was sent before. */
  readonly retries: number;
  readonly signal: AbortSignal;
}

export interface WriteClientOptions extends HttpClientOptions {
  readonly now: () => number;
}

/** Sends remote-write requests to one target and judges the responses. */
export class WriteClient {
  readonly #http: HttpClient;
  readonly #url: string;
  readonly #now: () => number;

  constructor(settings: RemoteWriteSettings, options: WriteClientOptions) {
    this.#http = new HttpClient(settings, options);
    this.#url = settings.url;
    this.#now = options.now;
  }

  /** Sends a request; never rejects. */
  async send({ body, sampleCount, protocol, retries, signal }: WriteOptions): Promise<Attempt> {
    try {
      const answer = await this.#http.post(body, {
        headers: { ...PROTOCOL_HEADERS[protocol], ...(retries > 0 && { 'retry-attempt': String(retries) }) },
        maxAnswerBytes: MAX_ANSWER_BYTES,
        signal,
      });
      const judge = protocol === '1.0' ? judgeV1 : judgeV2;
      return {
        ...judge(answer, sampleCount),
        reason: describeAnswer(this.#http, answer),
        text: answerText(answer, this.#url),
        remedy: remedyFor(answer, this.#url),
        retryAfterMs: parseRetryAfter(header(answer, 'retry-after'), this.#now()),
      };
    } catch (error) {
      const reason = this.#http.redact(messageOf(error));
      const text = this.#http.redact(errorText(error));
      return { verdict: 'unavailable', reason, text, remedy: undefined, retryAfterMs: undefined, written: 0 };
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }
}

function judgeV1({ status }: HttpAnswer, sampleCount: number): Pick<Attempt, 'verdict' | 'written'> {
  const verdict = judgeStatus(status);
  // There is no older protocol to fall back on.
  return { verdict: verdict === 'wrong_protocol' ? 'non_retryable' : verdict, written: sampleCount };
}

function judgeV2(answer: HttpAnswer, sampleCount: number): Pick<Attempt, 'verdict' | 'written'> {
  const verdict = judgeStatus(answer.status);
  const count = header(answer, SAMPLES_WRITTEN);
  const counted = count !== undefined && /^\d+$/.test(count);
  const written = counted ? Math.min(Number(count), sampleCount) : 0;
  // A receiver that only knows 1.0 may take a 2.0 request for an empty one, answer 2xx and store nothing. The
  // specification has 2.0 receivers send the count, and senders take its absence as 415.
  if (verdict === 'accepted' && !counted) return { verdict: 'wrong_protocol', written };
  // With 400 a 2.0 receiver reports how much it stored; the rest is refused for good.
  if (verdict === 'refused' && written > 0) return { verdict: 'accepted', written };
  return { verdict, written };
}

function header({ headers }: HttpAnswer, name: string): string | undefined {
  return headers[name]?.toString();
}
