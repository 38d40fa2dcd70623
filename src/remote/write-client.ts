import type { RemoteWriteSettings } from '../model/endpoint.js';
import { parseRetryAfter } from './backoff.js';
import { type HttpAnswer, HttpClient } from './http-client.js';
import { judgeStatus, type Verdict } from './verdict.js';

const MAX_ANSWER_BYTES = 16 * 1024;
/** What of an answer is logged. More is read, so that no secret is cut in two, and the rest of it missed. */
const MAX_REASON_LENGTH = 1024;
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

/** What came of sending a request once. */
export interface Attempt {
  readonly verdict: Verdict;
  /** Status and text of the answer, or the error: free of secrets, at most about 1 KiB. */
  readonly reason: string;
  /** How long the target asks to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** Samples that the target says it took; only 2.0 targets say. */
  readonly written: number | undefined;
}

/** Sends remote-write requests to one target and judges the answers. */
export class WriteClient {
  readonly #http: HttpClient;
  readonly #now: () => number;

  constructor(settings: RemoteWriteSettings, userAgent: string, now: () => number) {
    this.#http = new HttpClient(settings, userAgent);
    this.#now = now;
  }

  /** The target's URL without anything secret. */
  get safeUrl(): string {
    return this.#http.safeUrl;
  }

  /** Sends a compressed body; `retries`: how often it was sent before. Never rejects. */
  async send(body: Uint8Array, protocol: '1.0' | '2.0', retries: number, signal: AbortSignal): Promise<Attempt> {
    try {
      const answer = await this.#http.post(body, {
        headers: { ...PROTOCOL_HEADERS[protocol], ...(retries > 0 && { 'retry-attempt': String(retries) }) },
        maxAnswerBytes: MAX_ANSWER_BYTES,
        signal,
      });
      return this.#judge(answer, protocol);
    } catch (error) {
      return {
        verdict: 'unavailable',
        reason: this.#http.redact(describeError(error)),
        retryAfterMs: undefined,
        written: undefined,
      };
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  #judge({ status, headers, body }: HttpAnswer, protocol: '1.0' | '2.0'): Attempt {
    const header = (name: string) => headers[name]?.toString();
    const text = this.#http.redact(new TextDecoder().decode(body).trim());
    const written = protocol === '2.0' ? parseCount(header(SAMPLES_WRITTEN)) : undefined;
    let verdict = judgeStatus(status);
    // A receiver that only knows 1.0 may read a 2.0 request as an empty one, answer 2xx and store nothing. The
    // specification has 2.0 receivers send the header, and senders take its absence as 415.
    if (verdict === 'accepted' && protocol === '2.0' && written === undefined) verdict = 'wrong_protocol';
    // There is nothing older than 1.0 to fall back on.
    if (verdict === 'wrong_protocol' && protocol === '1.0') verdict = 'hopeless';
    return {
      verdict,
      reason: `HTTP ${status}${text === '' ? '' : `: ${cut(text, MAX_REASON_LENGTH)}`}`,
      retryAfterMs: parseRetryAfter(header('retry-after'), this.#now()),
      written,
    };
  }
}

function cut(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

function parseCount(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses fails with one error for each of them, and no message of its own.
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ');
  return error.message;
}
