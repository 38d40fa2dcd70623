import type { WriteSink } from '../model/samples/write-sink.js';

/** Where the series go that are derived from histograms. */
export interface DerivedSink
  extends Pick<WriteSink, 'resolve' | 'countUntracked' | 'append' | 'appendStale' | 'setMetricType'> {
  /** A metric of this name has one value a step, which the last of its samples has. */
  setDerived(name: string): void;
}
