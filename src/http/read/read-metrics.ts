import { Counter, Histogram, type Registry } from 'prom-client';
import type { ResponseType } from '../../wire/read/read-request.js';

/** What the read endpoint counts. */
export class ReadMetrics {
  readonly #requests: Counter<'code'>;
  readonly #seconds: Histogram;
  readonly #samples: Counter<'response_type'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'sentio_read_requests_total',
      help: 'Remote-read requests by HTTP status.',
      labelNames: ['code'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'sentio_read_request_duration_seconds',
      help: 'Time from the headers of a remote-read request to its answer.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#samples = new Counter({
      name: 'sentio_read_samples_total',
      help: 'Points of curves served by remote-read, by the form of the answer.',
      labelNames: ['response_type'],
      registers,
    });
    for (const response_type of ['samples', 'streamed_xor_chunks']) this.#samples.inc({ response_type }, 0);
  }

  countRequest(code: number, seconds: number): void {
    this.#requests.inc({ code });
    this.#seconds.observe(seconds);
  }

  countSamples(response_type: ResponseType, samples: number): void {
    this.#samples.inc({ response_type }, samples);
  }
}
