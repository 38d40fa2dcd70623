import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { MeteredRequest } from './metered-request.js';

/**
 * How long a turn of the event loop may parse what clients have sent, as it comes and once more of what waits. Short beside the
 * slices of other work, so that under overload requests wait in their connections rather than be parsed only to be refused.
 */
const TURN_MS = 2;
/** What is parsed before the next look at the clock: some forty requests, or 350 chunks of one byte. */
const SLICE_BYTES = 2_048;

/** What has been read from a connection and is not parsed yet; null is its end. */
interface Held {
  readonly socket: Socket;
  readonly chunks: (Uint8Array | null)[];
  readonly deliver: (chunk: Uint8Array | null) => boolean;
  request: IncomingMessage | undefined;
  isStopped: boolean;
}

/**
 * Has Node.js parse what clients send in small pieces, for a bounded time in each turn of the event loop. By itself it parses
 * all that has been read, 64 KiB of each connection, with a thousand requests or ten thousand chunks in it, before anything
 * else runs. What is left waits for the next turn, one piece of each connection after another; those that have sent
 * little come first, and then those of which nothing has been waiting, but neither holds up the others for more than two turns.
 * No more is read from a connection that waits. Of a body of known length no piece is made.
 */
export class SocketInput {
  readonly #held = new WeakMap<Socket, Held>();
  /** Connections of which a whole small request waits, perhaps; the first piece of more; further pieces. */
  readonly #small: Held[] = [];
  readonly #fresh: Held[] = [];
  readonly #backlog: Held[] = [];
  /** One of the latter two that had to wait for a whole turn, so that its next piece comes first. */
  #passedOver: Held[] | undefined;
  #endMs = Number.NEGATIVE_INFINITY;
  #isArmed = false;

  /** Takes over the input of a connection that an HTTP server has just accepted. */
  limit(socket: Socket): void {
    const held: Held = { socket, chunks: [], deliver: socket.push.bind(socket), request: undefined, isStopped: false };
    this.#held.set(socket, held);
    const read = socket._read.bind(socket);
    socket.push = (chunk: Uint8Array | null) => this.#take(held, chunk);
    socket._read = (size) => {
      if (held.chunks.length === 0 && !held.isStopped) read(size);
    };
    // The parser reads from the descriptor, past the stream, until somebody listens.
    const listener = () => {};
    socket.on('data', listener).off('data', listener);
  }

  /** To be called with each request, when its head has been parsed. */
  began(request: IncomingMessage): void {
    const held = this.#held.get(request.socket);
    if (held !== undefined) held.request = request;
  }

  /** Has nothing more of a connection be parsed: what it has sent already is dropped, and no more is read. */
  stop(socket: Socket): void {
    const held = this.#held.get(socket);
    if (held === undefined) return;
    held.isStopped = true;
    held.chunks.length = 0;
  }

  /** Returns whether more may be read. */
  #take(held: Held, chunk: Uint8Array | null): boolean {
    if (held.isStopped && chunk !== null) return false;
    if (held.chunks.length > 0) {
      held.chunks.push(chunk);
      return false;
    }
    if (chunk === null) return held.deliver(chunk);
    const hasTime = this.#hasTime();
    held.chunks.push(chunk);
    if (hasTime) {
      const goesOn = this.#deliver(held);
      if (held.chunks.length === 0) return goesOn;
    }
    const queue = hasTime ? this.#backlog : chunk.length <= SLICE_BYTES ? this.#small : this.#fresh;
    queue.push(held);
    return false;
  }

  /** Delivers pieces until nothing is held, or the time of this turn is over. */
  #deliver(held: Held): boolean {
    for (;;) {
      const goesOn = this.#deliverOne(held);
      if (held.chunks.length === 0 || performance.now() >= this.#endMs) return goesOn;
    }
  }

  #deliverOne(held: Held): boolean {
    const { socket, chunks, request } = held;
    if (socket.destroyed) chunks.length = 0;
    const chunk = chunks[0];
    if (chunk === undefined) return false;
    const bytes = Math.max(SLICE_BYTES, request instanceof MeteredRequest ? request.remainingBytes : 0);
    if (chunk === null || chunk.length <= bytes) {
      // Before it is delivered, so that the stream asks for more.
      chunks.shift();
      const goesOn = held.deliver(chunk);
      // As Node.js itself does after an end.
      if (chunk === null) socket.read(0);
      return goesOn;
    }
    chunks[0] = chunk.subarray(bytes);
    return held.deliver(chunk.subarray(0, bytes));
  }

  /** Whether this turn may parse more; it begins with the first question. */
  #hasTime(): boolean {
    if (!this.#isArmed) {
      this.#endMs = performance.now() + TURN_MS;
      this.#isArmed = true;
      setImmediate(() => this.#next());
      return true;
    }
    return performance.now() < this.#endMs;
  }

  #next(): void {
    this.#endMs = performance.now() + TURN_MS;
    const served = new Set<Held[]>();
    do {
      const queue = this.#passedOver ?? [this.#small, this.#fresh, this.#backlog].find((waiting) => waiting.length > 0);
      this.#passedOver = undefined;
      const held = queue?.shift();
      if (queue === undefined || held === undefined) break;
      served.add(queue);
      this.#deliverOne(held);
      if (held.chunks.length > 0) this.#backlog.push(held);
    } while (performance.now() < this.#endMs);
    this.#passedOver = [this.#fresh, this.#backlog].find((waiting) => waiting.length > 0 && !served.has(waiting));
    this.#isArmed = false;
    if (this.#small.length + this.#fresh.length + this.#backlog.length > 0) this.#hasTime();
  }
}
