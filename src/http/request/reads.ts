import type { FastifyReply } from 'fastify';
import type { Counter, Registry } from 'prom-client';
import { counter } from '../../lib/metrics/metrics.js';
import { LoopShare, TimeSlice } from '../../lib/time-slice.js';
import { RequestError } from './failure.js';
import { hasLeft, limitSending, writePaced } from './paced-write.js';
import { MAX_READS, ReadLimiter } from './read-limiter.js';

/** What one read may compute before its answer begins, in ms of the event loop. */
const MAX_WORK_MS = 2_000;
/** How long that may take, whatever else the event loop has to do. */
const MAX_WAIT_MS = 30_000;
/** All reads together get no more of the event loop than what keeps the service going. */
const READS = new LoopShare();

/** One read: gives way to other requests, and ends when its client leaves, or when it costs or takes too much. */
export class ReadWork {
  readonly #slice = new TimeSlice(READS);
  readonly #hasLeft: () => boolean;
  readonly #maxWaitMs: number;
  readonly #beganMs = performance.now();
  #startedMs = this.#beganMs;
  #workMs = 0;

  /** `hasLeft` says whether the client is gone. */
  constructor(hasLeft: () => boolean, maxWaitMs = MAX_WAIT_MS) {
    this.#hasLeft = hasLeft;
    this.#maxWaitMs = maxWaitMs;
  }

  /** To be awaited between small pieces of work. Throws `RequestError` where the read is to end. */
  async pause(): Promise<void> {
    if (!this.#slice.isOver) return;
    const nowMs = performance.now();
    this.#workMs += nowMs - this.#startedMs;
    if (this.#workMs > MAX_WORK_MS) {
      throw new RequestError(
        'tooCostly',
        `the selection needs more than ${MAX_WORK_MS / 1000} s of processor time: use fewer or simpler expressions in match[]`,
      );
    }
    if (nowMs - this.#beganMs > this.#maxWaitMs) {
      throw new RequestError('timeout', `the read took longer than ${this.#maxWaitMs / 1000} s: try again later`);
    }
    await this.#slice.pause();
    if (this.#hasLeft()) throw new RequestError('unavailable', 'the client closed the connection');
    this.#startedMs = performance.now();
  }

  /** Whether it is time to `pause`, or to let others in: asked in loops, where a promise for each item would cost more than the item. */
  get isSliceOver(): boolean {
    return this.#slice.isOver;
  }

  /** As `pause`, once the answer has begun: what is sent is bounded by the time that it takes. */
  async letOthersIn(): Promise<void> {
    await this.#slice.pause();
  }
}

/** The reads of the JSON API. */
export class Reads {
  readonly #refused: Counter;
  readonly #limiter = new ReadLimiter();

  constructor(registry: Registry) {
    this.#refused = counter(
      registry,
      'sentio_api_reads_refused_total',
      `Reads of the JSON API that were refused with 503 because ${MAX_READS} others were in flight.`,
    );
  }

  /**
   * Answers a read with the pieces of JSON that `answer` gives, each computed when the client has taken the one before. Another
   * content type may be set before the first piece.
   * What it throws before the first piece is answered as an error. Throws `RequestError` where too many reads are in flight.
   */
  async send(
    reply: FastifyReply,
    answer: (work: ReadWork) => AsyncGenerator<string | Uint8Array>,
  ): Promise<FastifyReply> {
    if (this.#limiter.isFull) this.#refused.inc();
    return this.#limiter.run(() => this.#send(reply, answer));
  }

  async #send(
    reply: FastifyReply,
    answer: (work: ReadWork) => AsyncGenerator<string | Uint8Array>,
  ): Promise<FastifyReply> {
    const { raw } = reply;
    const work = new ReadWork(() => hasLeft(raw));
    const pieces = answer(work);
    try {
      const first = await pieces.next();
      reply.hijack();
      limitSending(raw);
      raw.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        ...reply.getHeaders(),
        'cache-control': 'no-store',
      } as Record<string, string>);
      for (let piece = first; piece.done !== true; piece = await pieces.next()) {
        await writePaced(raw, piece.value);
        if (work.isSliceOver) await work.letOthersIn();
        if (hasLeft(raw)) break;
      }
      raw.end();
    } catch (error) {
      if (!raw.headersSent) throw error;
      // Half an answer: the client must not take it for a whole one.
      reply.log.error({ err: error }, 'response aborted');
      raw.destroy();
    } finally {
      await pieces.return(undefined);
    }
    return reply;
  }
}
