import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from './failure.js';

/** More requests than Sentio gets through are refused rather than kept waiting: the senders keep them as well. */
const MAX_WAIT_MS = 1_000;

/**
 * Limits the requests and the bytes that are received at one time; a request over a limit gets 503 with `Retry-After`. Each
 * request that waits has a connection, and the number of connections is bounded.
 */
export class RequestLimiter {
  readonly #maxRequests: number;
  readonly #maxBytes: number;
  readonly #random: () => number;
  readonly #waitMs: () => number;
  /** What gives a place to each of those that wait for one, in the order in which they came. */
  readonly #waiting = new Set<() => void>();
  #requests = 0;
  #bytes = 0;

  /** `random` returns numbers in [0, 1), `waitMs` how long requests that have arrived wait at present. */
  constructor(options: {
    maxConcurrentRequests: number;
    maxInflightBytes: number;
    random: () => number;
    waitMs?: () => number;
  }) {
    this.#maxRequests = options.maxConcurrentRequests;
    this.#maxBytes = options.maxInflightBytes;
    this.#random = options.random;
    this.#waitMs = options.waitMs ?? (() => 0);
  }

  /** Counts a request until `release` is called on it. Throws `RequestError` (503) over the limit. */
  acquire(headers: IncomingHttpHeaders): InflightRequest {
    const why = this.#overloadedBecause();
    if (why !== undefined) throw this.#overload(why, headers);
    this.#requests++;
    return this.#place(headers);
  }

  /**
   * As `acquire`, but over the limit a request waits for the place of another one, no longer than a request may wait at all.
   * Meanwhile its body is not read: that costs less than to refuse it, have it sent again, and read it then.
   */
  enter(headers: IncomingHttpHeaders): InflightRequest | Promise<InflightRequest> {
    const why = this.#overloadedBecause();
    if (why === undefined) return this.acquire(headers);
    return new Promise((resolve, reject) => {
      const take = () => {
        clearTimeout(end);
        resolve(this.#place(headers));
      };
      const end = setTimeout(() => {
        this.#waiting.delete(take);
        reject(this.#overload(why, headers));
      }, MAX_WAIT_MS);
      this.#waiting.add(take);
    });
  }

  #overloadedBecause(): string | undefined {
    if (this.#requests >= this.#maxRequests) return `${this.#maxRequests} requests are already in flight`;
    return this.#waitMs() > MAX_WAIT_MS ? `requests wait for more than ${MAX_WAIT_MS / 1000} s` : undefined;
  }

  #place(headers: IncomingHttpHeaders): InflightRequest {
    let bytes = 0;
    return {
      addBytes: (more) => {
        if (this.#bytes + more > this.#maxBytes) {
          throw this.#overload(`${this.#bytes} bytes of requests are already in flight`, headers);
        }
        bytes += more;
        this.#bytes += more;
      },
      release: () => {
        this.#bytes -= bytes;
        const [next] = this.#waiting;
        if (next === undefined) {
          this.#requests--;
          return;
        }
        // Handed over, so that no later one overtakes those that wait.
        this.#waiting.delete(next);
        next();
      },
    };
  }

  #overload(why: string, headers: IncomingHttpHeaders): RequestError {
    const seconds = retryAfterSeconds(headers['retry-attempt'], this.#random());
    return new RequestError('unavailable', `${why}, retry in ${seconds} s`, { 'retry-after': String(seconds) });
  }
}

/** A request that is being received or answered. */
export interface InflightRequest {
  /** Counts bytes that were received. Throws `RequestError` (503) over the limit. */
  addBytes(bytes: number): void;
  /** Ends the request and forgets its bytes; call once. */
  release(): void;
}

/** As in Mimir (pkg/distributor/push.go): doubled at every further attempt, this often at most, up to 96 s. */
const FIRST_RETRY_SECONDS = 6;
const MAX_DOUBLINGS = 4;
/** Senders that were refused together retry up to this share of the time earlier or later. */
const RETRY_JITTER = 0.5;

/** Seconds until a sender should retry, for a `random` in [0, 1). */
function retryAfterSeconds(retryAttempt: string | string[] | undefined, random: number): number {
  const attempt = Number(retryAttempt);
  const doublings = Number.isInteger(attempt) ? Math.min(Math.max(attempt - 1, 0), MAX_DOUBLINGS) : 0;
  const jitter = 1 + RETRY_JITTER * (2 * random - 1);
  return Math.round(FIRST_RETRY_SECONDS * 2 ** doublings * jitter);
}
