import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from './failure.js';

/** Bounds what is being received at one time; whoever finds no room is told when to come back. */
export class Admission {
  readonly #maxRequests: number;
  readonly #maxBytes: number;
  readonly #random: () => number;
  #requests = 0;
  #bytes = 0;

  /** `random` returns numbers in [0, 1). */
  constructor(options: { maxConcurrentRequests: number; maxInflightBytes: number; random: () => number }) {
    this.#maxRequests = options.maxConcurrentRequests;
    this.#maxBytes = options.maxInflightBytes;
    this.#random = options.random;
  }

  /** Gives a request its place until `leave` is called on it. Throws `RequestError` (503) where there is none. */
  enter(headers: IncomingHttpHeaders): AdmittedRequest {
    if (this.#requests >= this.#maxRequests) {
      throw this.#overload(`${this.#maxRequests} requests are being received already`, headers);
    }
    this.#requests++;
    let bytes = 0;
    return {
      addBytes: (more) => {
        if (this.#bytes + more > this.#maxBytes) {
          throw this.#overload(`${this.#bytes} bytes of requests are being received already`, headers);
        }
        bytes += more;
        this.#bytes += more;
      },
      leave: () => {
        this.#requests--;
        this.#bytes -= bytes;
      },
    };
  }

  #overload(why: string, headers: IncomingHttpHeaders): RequestError {
    const seconds = retryAfterSeconds(headers['retry-attempt'], this.#random());
    return new RequestError('unavailable', `${why}, try again in ${seconds} s`, { 'retry-after': String(seconds) });
  }
}

export interface AdmittedRequest {
  /** Counts bytes that have come in. Throws `RequestError` (503) where there is no room for them. */
  addBytes(bytes: number): void;
  /** Gives back the place and the bytes; call once. */
  leave(): void;
}

/** As in Mimir (pkg/distributor/push.go): doubled at every further attempt, this often at most, up to 96 s. */
const FIRST_RETRY_SECONDS = 6;
const MAX_DOUBLINGS = 4;
/** Senders that were refused together come back over this share of the time before and after it. */
const RETRY_JITTER = 0.5;

/** When a sender is to try again, for a `random` in [0, 1). */
function retryAfterSeconds(retryAttempt: string | string[] | undefined, random: number): number {
  const attempt = Number(retryAttempt);
  const doublings = Number.isInteger(attempt) ? Math.min(Math.max(attempt - 1, 0), MAX_DOUBLINGS) : 0;
  const jitter = 1 + RETRY_JITTER * (2 * random - 1);
  return Math.round(FIRST_RETRY_SECONDS * 2 ** doublings * jitter);
}
