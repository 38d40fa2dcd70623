import type { Labels } from '../../model/labels/labels.js';
import type { Matcher } from '../../model/labels/matcher.js';
import type { Samples } from '../../model/samples/columns.js';
import type { HistogramSample } from '../../model/samples/native-histogram.js';
import type { Aggregate } from '../../model/settings/settings.js';
import type { HttpClientOptions } from '../http/http-client.js';

/** A request for the history of series of one metric. */
export interface HistoryQuery {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Multiples of `stepMs`; the end is not included. */
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  /** The aggregate of the samples of a step. */
  readonly aggregate: Aggregate;
  /** Whether native histograms are wanted too; a client that has no way to read them gives none. */
  readonly wantsHistograms?: boolean;
}

/** One series of a response. */
export interface HistorySeries {
  /** With the external labels of the database that answers. */
  readonly labels: Labels;
  /** Times ascend; they may lie outside of the requested range. Valid until the next series is read. */
  readonly samples: Samples;
  /** Native histograms, or chunks of them, that are there. */
  readonly histograms: number;
  /** The histograms themselves, in order of time, where the query wants them; valid until the next series is read. */
  readonly histogramSamples?: Iterable<HistogramSample>;
}

/**
 * Fetches history from one database, one request at a time: a response is valid until the next request. Reading a
 * response may throw as `fetch` does.
 */
export interface HistoryClient {
  /** Rejects with `HistoryError`. */
  fetch(query: HistoryQuery, signal: AbortSignal): Promise<Iterable<HistorySeries>>;
  close(): Promise<void>;
}

export interface HistoryClientOptions extends HttpClientOptions {
  readonly now: () => number;
}
