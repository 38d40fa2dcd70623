import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { counter, gauge, histogram } from '../../lib/metrics/metrics.js';

/** Outcomes of samples that were queued for a target. */
const SAMPLE_OUTCOMES = [
  'sent',
  /** The target refused this very sample (400, or a 5xx on it alone). */
  'rejected',
  /** The target refused the whole request for good: wrong credentials, wrong address, too large. */
  'failed',
  /** It was the oldest when the queue was full. */
  'queue_full',
  /** It exceeded the sample age limit before the target accepted it. */
  'too_old',
  /** The clock was set back: the target may have another value for its timestamp. */
  'repeated',
  /** It was still queued at the end of the shutdown deadline. */
  'shutdown',
] as const;
export type SampleOutcome = (typeof SAMPLE_OUTCOMES)[number];

/** Why samples are not queued at all. */
const REFUSAL_REASONS = [
  /** Further ahead of the clock than the lead allows. */
  'future',
  'not_a_number',
  /** No series can be made of the source: it has no name, or has the extra label already. */
  'no_such_series',
  /** The writer is closed. */
  'closed',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** The metrics of remote_write. */
export class RemoteWriteMetrics {
  readonly refused: Counter<'reason'>;
  readonly samples: Counter<'target' | 'outcome'>;
  readonly retries: Counter<'target'>;
  readonly sentBytes: Counter<'target'>;
  readonly queueSamples: Gauge<'target'>;
  readonly queueCapacity: Gauge<'target'>;
  readonly highestSentSeconds: Gauge<'target'>;
  readonly requestSeconds: Histogram<'target'>;
  readonly futureOpen: Gauge<'target'>;

  constructor(registry: Registry) {
    this.refused = counter(
      registry,
      'sentio_remote_write_refused_samples_total',
      'Samples that were not queued for any target, by reason.',
      { reason: REFUSAL_REASONS },
    );
    this.samples = counter(
      registry,
      'sentio_remote_write_samples_total',
      'Queued samples by outcome: sent, or the reason why they were lost.',
      { target: [], outcome: [] },
    );
    this.retries = counter(
      registry,
      'sentio_remote_write_retries_total',
      'Requests that were retried because the target did not accept them.',
      { target: [] },
    );
    this.sentBytes = counter(
      registry,
      'sentio_remote_write_sent_bytes_total',
      'Compressed bytes of all requests, retries included.',
      { target: [] },
    );
    this.queueSamples = gauge(
      registry,
      'sentio_remote_write_queue_samples',
      'Samples in the queue, without those of the request in flight.',
      ['target'],
    );
    this.queueCapacity = gauge(
      registry,
      'sentio_remote_write_queue_capacity_samples',
      'Most samples the queue may hold; when it is full, the oldest are dropped.',
      ['target'],
    );
    this.highestSentSeconds = gauge(
      registry,
      'sentio_remote_write_highest_sent_timestamp_seconds',
      'Newest timestamp that the target accepted.',
      ['target'],
    );
    this.requestSeconds = histogram(
      registry,
      'sentio_remote_write_request_duration_seconds',
      'Time from sending a request to the end of its response or to its failure.',
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      ['target'],
    );
    this.futureOpen = gauge(
      registry,
      'sentio_remote_write_future_open',
      'Whether a target that has future set is sent curves of the future (1), or is not, because it is a Prometheus, refused them, or has not been asked yet (0).',
      ['target'],
    );
  }

  /** Starts the counters of a target at 0, so that its first lost sample is an increase. */
  addTarget(target: string): void {
    for (const outcome of SAMPLE_OUTCOMES) this.samples.inc({ target, outcome }, 0);
    this.retries.inc({ target }, 0);
    this.sentBytes.inc({ target }, 0);
    this.requestSeconds.zero({ target });
  }

  /** Drops the gauges of a target that is gone; its counters stay, as counters do. */
  removeTarget(target: string): void {
    const gauges = [this.queueSamples, this.queueCapacity, this.highestSentSeconds, this.futureOpen];
    for (const gauge of gauges) gauge.remove({ target });
  }
}
