import type { Labels } from '../labels/labels.js';

/** Where samples of series go whose changes mark events. */
export interface MarkerSink {
  /** Whether a marker names the series of these labels, external ones left out. */
  isMarker(labels: Labels): boolean;
  /**
   * Finds or adds the series of these labels; `sender` says which replica sends it, `''` where one has been elected already.
   * Returns a ref ≥ 0 for `append`, or −1 where no marker names the series or there is no room for it.
   */
  find(labels: Labels, sender: string): number;
  /** Whether a ref is still good; one is never given out twice. */
  has(ref: number): boolean;
  /** Takes in a sample; one for a ref that is no longer good is dropped. */
  append(ref: number, timeMs: number, value: number): void;
  /** The source ended its series at `timeMs` (stale marker). */
  appendStale(ref: number, timeMs: number): void;
}
