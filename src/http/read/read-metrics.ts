import type { Counter, Histogram, Registry } from 'prom-client';
import { counter, histogram } from '../../lib/metrics/metrics.js';
import type { ResponseType } from '../../wire/read/read-request.js';
import { BODY_FAILURE_STATUSES } from '../request/failure.js';

/** What the read endpoint counts. */
export class ReadMetrics {
  readonly #requests: Counter<'code'>;
  readonly #seconds: Histogram;
  readonly #samples: Counter<'response_type'>;

  constructor(registry: Registry) {
    this.#requests = counter(registry, 'sentio_read_requests_total', 'Remote-read requests by HTTP status.', {
      code: ['200', ...BODY_FAILURE_STATUSES],
    });
    this.#seconds = histogram(
      registry,
      'sentio_read_request_duration_seconds',
      'Time from the headers of a remote-read request to its response.',
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    );
    this.#samples = counter(
      registry,
      'sentio_read_samples_total',
      'Samples of forecast series served by remote-read, by type of the response.',
      { response_type: ['samples', 'streamed_xor_chunks'] },
    );
  }

  countRequest(code: number, seconds: number): void {
    this.#requests.inc({ code });
    this.#seconds.observe(seconds);
  }

  countSamples(response_type: ResponseType, samples: number): void {
    this.#samples.inc({ response_type }, samples);
  }
}
