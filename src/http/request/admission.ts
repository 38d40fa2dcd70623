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

/** As Mimir tells it (pkg/distributor/push.go): 6 s, doubled at every further attempt up to 96 s, ± 50 % so that senders spread out. */
function retryAfterSeconds(retryAttempt: string | string[] | undefined, random: number): number {
  const attempt = Number(retryAttempt);
  const doublings = Number.isInteger(attempt) ? Math.min(Math.max(attempt - 1, 0), 4) : 0;
  return Math.round(6 * 2 ** doublings * (0.5 + random));
}
