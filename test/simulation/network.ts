import type { OpenPool } from '#src/remote/http/exchange.js';
import type { Random } from '../ordinary-days/random.js';
import type { SimulatedClock } from './clock.js';

export interface Request {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The connection ends in the middle of the body. */
  readonly isBrokenOff?: boolean;
}

/** A server: answers, refuses the connection, ends it without an answer, or never says anything. */
export type Serve = (request: Request) => Answer | 'refuse' | 'reset' | 'hang';

/** What one way through the network does to a request. */
export interface WayFaults {
  /** Shares of the requests, from 0 to 1: that never arrive, whose answer is lost, that arrive twice, the second time late. */
  lostRequests: number;
  lostAnswers: number;
  doubled: number;
  /** The longest that a request, or an answer, is under way. */
  latencyMs: number;
}

export const NO_FAULTS: Readonly<WayFaults> = { lostRequests: 0, lostAnswers: 0, doubled: 0, latencyMs: 50 };

/** The network between the simulated processes. */
export class SimulatedNetwork {
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  readonly #servers = new Map<string, Serve>();
  readonly #ways = new Map<string, WayFaults>();

  constructor(clock: SimulatedClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  listen(origin: string, serve: Serve): void {
    this.#servers.set(origin, serve);
    this.#ways.set(origin, { ...NO_FAULTS });
  }

  /** The way to a server; its faults may be changed at any time. */
  way(origin: string): WayFaults {
    return this.#ways.get(origin)!;
  }

  /** Connections of a process, for undici's pool. What it sent arrives though the process be killed meanwhile. */
  openPool(owner: object): OpenPool {
    const open = (origin: string) => ({
      request: async (options: {
        path: string;
        headers: Record<string, string>;
        body: Uint8Array;
        signal: AbortSignal;
      }) => {
        options.signal.throwIfAborted();
        // The sender may use its buffer again.
        const body = Uint8Array.from(options.body);
        const answer = await new Promise<Answer>((resolve, reject) => {
          options.signal.addEventListener('abort', () => reject(options.signal.reason), { once: true });
          this.#exchange(origin, { path: options.path, headers: options.headers, body }, owner, resolve, reject);
        });
        return { statusCode: answer.status, headers: answer.headers ?? {}, body: bodyOf(answer) };
      },
      destroy: async () => {},
    });
    return open as unknown as OpenPool;
  }

  #exchange(
    origin: string,
    request: Request,
    owner: object,
    resolve: (answer: Answer) => void,
    reject: (error: Error) => void,
  ): void {
    const way = this.#ways.get(origin);
    const serve = this.#servers.get(origin);
    const random = this.#random;
    const latencyMs = () => random.uniform() * (way?.latencyMs ?? 0);
    if (way === undefined || serve === undefined) {
      this.#clock.in(1, () => reject(connectionError('ECONNREFUSED')), owner);
      return;
    }
    if (random.uniform() < way.lostRequests) return;
    const isLost = random.uniform() < way.lostAnswers;
    this.#clock.in(latencyMs(), () => {
      const answer = serve(request);
      if (answer === 'hang' || isLost) return;
      const answering = this.#clock.in(
        latencyMs(),
        () => {
          if (answer === 'refuse') reject(connectionError('ECONNREFUSED'));
          else if (answer === 'reset') reject(connectionError('ECONNRESET'));
          else resolve(answer);
        },
        owner,
      );
      // A process does not stay for what is under way to it.
      answering.isUnref = true;
    });
    if (random.uniform() < way.doubled) this.#clock.in(latencyMs() + 60_000 * random.uniform(), () => serve(request));
  }
}

async function* bodyOf({ body = new Uint8Array(0), isBrokenOff = false }: Answer): AsyncGenerator<Uint8Array> {
  if (!isBrokenOff) {
    yield body;
    return;
  }
  yield body.subarray(0, body.length >> 1);
  throw connectionError('UND_ERR_SOCKET');
}

export function connectionError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
