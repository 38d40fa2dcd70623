import type { HistogramSample } from './native-histogram.js';
import type { SampleOutcome } from './write-sink.js';

/** Where the native histograms of a remote-write request go. */
export interface HistogramSink {
  /**
   * Finds the series of a label block: bytes [start, end) of `bytes`, valid during the call only. Returns a ref ≥ 0 for
   * `append`; −1 where no rule wants its histograms; −2 where no series has such labels.
   */
  find(bytes: Uint8Array, start: number, end: number): number;
  append(ref: number, sample: HistogramSample): SampleOutcome;
}
