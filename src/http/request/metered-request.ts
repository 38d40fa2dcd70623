import { IncomingMessage } from 'node:http';
import { RequestError } from './failure.js';

/** Chunks that a body may have whatever their size; a slow sender with little to say has fewer. */
const FREE_CHUNKS = 1_000;
/** A body may have one chunk more for each of these. */
const BYTES_PER_CHUNK = 128;

/**
 * A request whose body is refused where it comes in a great many tiny chunks: Node.js calls back for each, so that a body of
 * one-byte chunks costs a thousand times as much as one of its size. The stream fails with a `RequestError` (400); the rest is
 * dropped, and no more of it is read from the socket.
 */
export class MeteredRequest extends IncomingMessage {
  #chunks = 0;
  #bytes = 0;
  #refusal: RequestError | undefined;
  #hasEmitted = false;

  /** What is still to come of a body whose length is known; 0 of any other. */
  get remainingBytes(): number {
    return this.complete ? 0 : Math.max(0, Number(this.headers['content-length'] ?? 0) - this.#bytes);
  }

  override push(chunk: Uint8Array | null, encoding?: BufferEncoding): boolean {
    if (this.#refusal !== undefined) return false;
    if (chunk !== null) {
      this.#chunks++;
      this.#bytes += chunk.length;
      if (this.#chunks > FREE_CHUNKS + this.#bytes / BYTES_PER_CHUNK) {
        this.#refusal = new RequestError(
          'badData',
          `the body comes in too small chunks: ${this.#chunks} for ${this.#bytes} bytes, where ${FREE_CHUNKS} are allowed, and one more for each ${BYTES_PER_CHUNK} bytes`,
          { connection: 'close' },
        );
        this.#emitRefusal(this.#refusal);
        return false;
      }
    }
    return super.push(chunk, encoding);
  }

  override _read(size: number): void {
    // Where nobody reads the body, Node.js drops the rest after the answer.
    if (this.#refusal === undefined || this.listenerCount('error') === 0) super._read(size);
    else this.#emitRefusal(this.#refusal);
  }

  #emitRefusal(refusal: RequestError): void {
    process.nextTick(() => {
      // Without a listener it would end the process.
      if (this.#hasEmitted || this.listenerCount('error') === 0) return;
      this.#hasEmitted = true;
      this.emit('error', refusal);
    });
  }
}
