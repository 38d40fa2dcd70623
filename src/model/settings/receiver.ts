import type { Credentials } from './endpoint.js';

/** What `POST /api/v1/write` and `POST /api/v1/read` let in. Sizes in bytes, durations in milliseconds; every limit is inclusive. Frozen. */
export interface ReceiverSettings {
  /** A request body as it comes over the wire. */
  readonly maxBodyBytes: number;
  /** A request body after snappy. */
  readonly maxDecodedBytes: number;
  /** Bytes of all bodies in flight; beyond it senders are asked to retry later. */
  readonly maxInflightBytes: number;
  readonly maxConcurrentRequests: number;
  /** How long a client may take to send its request. */
  readonly requestTimeoutMs: number;
  /** Samples, and likewise series, in one request. */
  readonly maxSamplesPerRequest: number;
  /** Series tracked at one time. */
  readonly maxSeries: number;
  /** New series a second; infinite: as many as come. */
  readonly maxNewSeriesPerSecond: number;
  /** Samples a second of one client address; infinite: as many as come. */
  readonly maxSamplesPerSecond: number;
  /** Labels of one series, the metric name among them. */
  readonly maxLabels: number;
  readonly maxLabelNameBytes: number;
  readonly maxLabelValueBytes: number;
  /** How far ahead of the clock a sample may be. */
  readonly maxFutureMs: number;
  /** Series in the answer to one remote-read. */
  readonly maxReadSeries: number;
  /** Samples in the answer to one remote-read. */
  readonly maxReadSamples: number;
  /** How long the answer to one remote-read may take to compute. */
  readonly readTimeoutMs: number;
  /** Who may write; empty: everybody. */
  readonly writers: readonly Credentials[];
  /** Who may read forecasts, series and the configuration; empty: everybody. */
  readonly readers: readonly Credentials[];
  /** Who may reload; empty: everybody if there are no writers and readers either, else nobody. */
  readonly admins: readonly Credentials[];
  /** Names of the labels that Prometheus adds on remote_write; taken off before forecasts are pushed back. */
  readonly externalLabels: readonly string[];
}

export const RECEIVER_DEFAULTS: ReceiverSettings = Object.freeze({
  // Prometheus sends 2,000 samples a request, about 100 kB; VictoriaMetrics' agent up to 8 MiB.
  maxBodyBytes: 16 * 2 ** 20,
  // The limit of Prometheus' and VictoriaMetrics' own receivers.
  maxDecodedBytes: 32 * 2 ** 20,
  maxInflightBytes: 128 * 2 ** 20,
  // Prometheus has up to 50 shards, each with one request at a time; this is ten such servers.
  maxConcurrentRequests: 500,
  requestTimeoutMs: 30_000,
  // Prometheus sends 2,000, vmagent 10,000, the OpenTelemetry Collector 3 MB (about 30,000); this many take about 0.1 s.
  maxSamplesPerRequest: 100_000,
  // The per-tenant default of Mimir (150k) in the memory of one small machine: about 16 KiB a series.
  maxSeries: 100_000,
  // At a start all series come at once, and after an outage all samples: a limit is for who knows his senders.
  maxNewSeriesPerSecond: Number.POSITIVE_INFINITY,
  maxSamplesPerSecond: Number.POSITIVE_INFINITY,
  maxLabels: 40,
  maxLabelNameBytes: 1024,
  maxLabelValueBytes: 4096,
  // Prometheus' own receiver refuses what is further ahead than this (storage/remote/write_handler.go, maxAheadTime).
  maxFutureMs: 10 * 60_000,
  // yhat and its interval of 3,333 sources; Prometheus' own page draws 10,000 lines at most.
  maxReadSeries: 10_000,
  // Yhat and its interval of 1,000 sources over a day at 5m; about 18 MB and a quarter of a second.
  maxReadSamples: 1_000_000,
  readTimeoutMs: 10_000,
  writers: [],
  readers: [],
  admins: [],
  externalLabels: [],
});
