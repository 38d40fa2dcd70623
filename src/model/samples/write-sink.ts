import type { MetricType } from './metric-type.js';

/** What `WriteSink.resolve` returns for a series that is not tracked; tracked series have a ref ≥ 0. */
export const Untracked = {
  /** No rule matches: taken and, as configured, not kept. */
  noRule: -1,
  /** Sentio's own output coming back. */
  ownOutput: -2,
  /** The series cap is reached. */
  seriesLimit: -3,
  /** Labels that no series may have: none, empty or duplicate names, not UTF-8. */
  invalidLabels: -4,
  /** More labels, or longer ones, than the limits allow. */
  labelLimit: -5,
  /** The memory budget is used up. */
  memoryLimit: -6,
  /** Too many new series have come within a second. */
  newSeriesLimit: -7,
  /** Its rule has as many series as it may have. */
  ruleLimit: -8,
} as const;

/** What became of a sample. The first five are accepted (2xx); the others are refused (400) and the rest of the request is kept. */
export const SampleOutcome = {
  stored: 0,
  /** NaN or ±Inf: a gap, not a value. */
  notFinite: 1,
  /** The series already has this timestamp. */
  duplicate: 2,
  /** Its step is closed and has a value, or left the fine tier. */
  late: 3,
  /** From a replica of the series that is not the elected one. */
  replica: 4,
  /** Further ahead of the clock than the receiver allows. */
  tooNew: 5,
  /** Older than the whole history of its series. */
  tooOld: 6,
} as const;
export type SampleOutcome = (typeof SampleOutcome)[keyof typeof SampleOutcome];

/**
 * Where a decoded remote-write request goes. Called for every series and sample in wire order; implementations make no
 * object and no string per sample.
 */
export interface WriteSink {
  /** Begins a request: `nowMs` is the clock by which its samples are too new or too old. */
  beginRequest(nowMs: number): void;
  /**
   * Finds the series of a label block (see label-block.ts): bytes [start, end) of `bytes`, valid during the call only.
   * Returns a ref ≥ 0 for `append` until the next `beginRequest`, or one of `Untracked`, which `countUntracked` counts.
   */
  resolve(bytes: Uint8Array, start: number, end: number): number;
  /** Counts a series for which `resolve` returned this code of `Untracked`, and logs it if a limit refused it. */
  countUntracked(code: number): void;
  /**
   * Adds one sample to a tracked series; `timeMs` is an integer, and `startMs` when its counter began to count, 0 where the sender
   * does not say so. Returns a `SampleOutcome`.
   */
  append(ref: number, timeMs: number, value: number, startMs: number): SampleOutcome;
  /** The source ended its series at `timeMs` (stale marker). */
  appendStale(ref: number, timeMs: number): SampleOutcome;
  /** Takes in the type that the sender declares for a metric family. */
  setMetricType(family: string, type: MetricType): void;
  /** Why `resolve` returned a code of `Untracked` for a block: a phrase for the sender, of bounded length. */
  describe(bytes: Uint8Array, start: number, end: number, code: number): string;
}
