import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What became of a sample that was queued for a target. */
export type SampleOutcome =
  | 'sent'
  /** The target refused this very sample (400, or a 5xx on it alone). */
  | 'rejected'
  /** The target refused the whole request for good: wrong credentials, wrong address, too large. */
  | 'failed'
  /** It was the oldest when the queue was full. */
  | 'queue_full'
  /** It grew older than the sample age limit before the target took it. */
  | 'too_old'
  /** It was still queued at the end of the shutdown deadline. */
  | 'shutdown';

/** Why a sample was not queued at all. */
export type RefusalReason =
  /** Further ahead of the clock than the lead allows. */
  | 'future'
  | 'not_a_number'
  /** No series can be made of the source: it has no name, or has the extra label already. */
  | 'no_such_series'
  /** The writer is closed. */
  | 'closed';

/** The metrics of remote_write. Writers on one registry, as before and after a reload, go on counting in the same ones. */
export class RemoteWriteMetrics {
  readonly refused: Counter<'reason'>;
  readonly samples: Counter<'target' | 'outcome'>;
  readonly retries: Counter<'target'>;
  readonly sentBytes: Counter<'target'>;
  readonly queueSamples: Gauge<'target'>;
  readonly queueCapacity: Gauge<'target'>;
  readonly highestSentSeconds: Gauge<'target'>;
  readonly requestSeconds: Histogram<'target'>;

  constructor(registry: Registry) {
    const define = <M, C extends { name: string }>(Metric: new (config: C) => M, config: C): M =>
      (registry.getSingleMetric(config.name) as M | undefined) ?? new Metric({ ...config, registers: [registry] });
    this.refused = define(Counter<'reason'>, {
      name: 'sentio_remote_write_refused_samples_total',
      help: 'Samples that were not queued for any target, by reason.',
      labelNames: ['reason'],
    });
    this.samples = define(Counter<'target' | 'outcome'>, {
      name: 'sentio_remote_write_samples_total',
      help: 'Queued samples by what became of them: sent, or lost for one of several reasons.',
      labelNames: ['target', 'outcome'],
    });
    this.retries = define(Counter<'target'>, {
      name: 'sentio_remote_write_retries_total',
      help: 'Requests sent again because the target did not take them.',
      labelNames: ['target'],
    });
    this.sentBytes = define(Counter<'target'>, {
      name: 'sentio_remote_write_sent_bytes_total',
      help: 'Compressed bytes of all requests, retries included.',
      labelNames: ['target'],
    });
    this.queueSamples = define(Gauge<'target'>, {
      name: 'sentio_remote_write_queue_samples',
      help: 'Samples that wait behind the request under way.',
      labelNames: ['target'],
    });
    this.queueCapacity = define(Gauge<'target'>, {
      name: 'sentio_remote_write_queue_capacity_samples',
      help: 'Samples that may wait; beyond it the oldest are dropped.',
      labelNames: ['target'],
    });
    this.highestSentSeconds = define(Gauge<'target'>, {
      name: 'sentio_remote_write_highest_sent_timestamp_seconds',
      help: 'Newest timestamp that the target took.',
      labelNames: ['target'],
    });
    this.requestSeconds = define(Histogram<'target'>, {
      name: 'sentio_remote_write_request_duration_seconds',
      help: 'Time from sending a request to the end of its answer, or to giving up on one.',
      labelNames: ['target'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    });
  }
}
