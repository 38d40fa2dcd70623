import type { Labels } from '../labels/labels.js';

/** One observation with what it came from, such as a trace. */
export interface Exemplar {
  /** `trace_id` and the like. */
  readonly labels: Labels;
  readonly value: number;
  readonly timeMs: number;
}

/** Where the exemplars of a remote-write request go. */
export interface ExemplarSink {
  /**
   * Finds the series of a label block: bytes [start, end) of `bytes`, valid during the call only. Returns a ref ≥ 0 for `append`,
   * good until the next call; −1 where no rule wants its exemplars; −2 where no series has such labels.
   */
  find(bytes: Uint8Array, start: number, end: number): number;
  append(ref: number, exemplar: Exemplar): void;
}
