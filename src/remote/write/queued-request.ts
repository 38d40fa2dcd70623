import { compress } from '../../wire/core/snappy.js';
import type { WriteRequestEncoder } from '../../wire/send/encode-write-request.js';

/** A request waiting to be sent, shared by the queues of its targets. */
export interface QueuedRequest {
  /** In protocol 1.0, snappy-compressed: what most targets get as it is. */
  readonly body: Uint8Array;
  readonly sampleCount: number;
  readonly oldestMs: number;
  readonly newestMs: number;
  /** When it was made, by the clock of then. */
  readonly madeMs: number;
  /** Whether it holds curves of the future, which a target may refuse as such; others have one sample per series. */
  readonly isFuture: boolean;
}

/** Compresses what the encoder holds; the encoder may be reset afterwards. */
export function takeRequest(encoder: WriteRequestEncoder, madeMs = 0, isFuture = false): QueuedRequest {
  const { sampleCount, oldestMs, newestMs } = encoder;
  return { body: compress(encoder.bytes), sampleCount, oldestMs, newestMs, madeMs, isFuture };
}
