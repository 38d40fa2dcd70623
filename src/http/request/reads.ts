import type { FastifyReply } from 'fastify';
import type { Counter, Registry } from 'prom-client';
import { counter } from '../../lib/metrics.js';
import { TimeSlice } from '../../lib/time-slice.js';
import { RequestError } from './failure.js';

/** Reads under way at one time, answers that are being sent among them; the page and a few dashboards need far fewer. */
const MAX_READS = 32;
const RETRY_AFTER_SECONDS = 2;
/** A client that takes none of its answer for this long is dropped. */
const STALL_MS = 20_000;
/** What one read may compute before its answer begins, in ms of the event loop. */
const MAX_WORK_MS = 2_000;

/** One read: gives way to other requests, and ends when its client leaves or when it costs too much. */
export class ReadWork {
  readonly #slice = new TimeSlice();
  readonly #hasLeft: () => boolean;
  #startedMs = performance.now();
  #workMs = 0;

  /** `hasLeft` says whether the client is gone. */
  constructor(hasLeft: () => boolean) {
    this.#hasLeft = hasLeft;
  }

  /** To be awaited between small pieces of work. Throws `RequestError` where the read is to end. */
  async pause(): Promise<void> {
    if (!this.#slice.isOver) return;
    this.#workMs += performance.now() - this.#startedMs;
    if (this.#workMs > MAX_WORK_MS) {
      throw new RequestError(
        'tooCostly',
        `the selection takes more than ${MAX_WORK_MS / 1000} s of computing: use fewer or simpler expressions in match[]`,
      );
    }
    await this.#slice.pause();
    if (this.#hasLeft()) throw new RequestError('unavailable', 'the client has left');
    this.#startedMs = performance.now();
  }
}

/** Lets in so many reads at one time, so that no number of them takes the memory or the event loop from writes. */
export class Reads {
  readonly #refused: Counter;
  #underWay = 0;

  constructor(registry: Registry) {
    this.#refused = counter(
      registry,
      'sentio_api_reads_refused_total',
      `Reads of the JSON API that were refused with 503 because ${MAX_READS} others were in flight.`,
    );
  }

  /**
   * Answers a read with the pieces of JSON that `answer` gives, each computed when the client has taken the one before.
   * What it throws before the first piece is answered as an error. Throws `RequestError` where too many reads are under way.
   */
  async send(reply: FastifyReply, answer: (work: ReadWork) => AsyncGenerator<string>): Promise<FastifyReply> {
    if (this.#underWay >= MAX_READS) {
      this.#refused.inc();
      throw new RequestError('unavailable', 'too many reads are under way', {
        'retry-after': String(RETRY_AFTER_SECONDS),
      });
    }
    this.#underWay++;
    const { raw } = reply;
    const pieces = answer(new ReadWork(() => raw.destroyed));
    try {
      const first = await pieces.next();
      reply.hijack();
      raw.writeHead(200, {
        ...reply.getHeaders(),
        'cache-control': 'no-store',
        'content-type': 'application/json; charset=utf-8',
      } as Record<string, string>);
      for (let piece = first; piece.done !== true; piece = await pieces.next()) {
        if (!raw.write(piece.value) && !raw.destroyed) await drained(raw);
        else await new Promise((resolve) => setImmediate(resolve));
        if (raw.destroyed) break;
      }
      raw.end();
    } catch (error) {
      if (!raw.headersSent) throw error;
      // Half an answer: the client must not take it for a whole one.
      reply.log.error({ err: error }, 'an answer was broken off');
      raw.destroy();
    } finally {
      this.#underWay--;
      await pieces.return(undefined);
    }
    return reply;
  }
}

/** Waits until the client has taken what was written; one that takes nothing for `STALL_MS` is dropped. */
function drained(raw: FastifyReply['raw']): Promise<void> {
  return new Promise((resolve) => {
    const stall = setTimeout(() => raw.destroy(), STALL_MS);
    const done = () => {
      clearTimeout(stall);
      raw.off('drain', done).off('close', done);
      resolve();
    };
    raw.on('drain', done).on('close', done);
  });
}
