import type { Counter, Histogram, Registry } from 'prom-client';
import { counter, histogram } from '../../lib/metrics/metrics.js';
import { SampleOutcome, Untracked } from '../../model/samples/write-sink.js';
import type { WriteStats } from '../../wire/receive/write-stats.js';
import { BODY_FAILURE_STATUSES } from '../request/failure.js';
import { WRITE_PROTOCOLS, type WriteProtocol } from './write-protocol.js';

/** The `outcome` label of each code, and where `WriteStats` counts it. */
const OUTCOMES = outcomeLabels(SampleOutcome);
const UNTRACKED = outcomeLabels(Untracked);

/** What the write endpoint counts. */
export class WriteMetrics {
  readonly #requests: Counter<'protocol' | 'code'>;
  readonly #seconds: Histogram;
  readonly #bytes: Counter;
  readonly #samples: Counter<'outcome'>;
  readonly #staleMarkers: Counter;
  readonly #repeated: Counter;
  readonly #dropped: Counter<'kind'>;

  constructor(registry: Registry) {
    this.#requests = counter(
      registry,
      'sentio_receiver_requests_total',
      'Remote-write requests by protocol version and HTTP status.',
      { protocol: [...WRITE_PROTOCOLS, 'unknown'], code: ['204', ...BODY_FAILURE_STATUSES] },
    );
    this.#seconds = histogram(
      registry,
      'sentio_receiver_request_duration_seconds',
      'Time from the headers of a remote-write request to its response.',
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    );
    this.#bytes = counter(
      registry,
      'sentio_receiver_body_bytes_total',
      'Compressed bytes of the remote-write bodies that were received.',
    );
    this.#samples = counter(
      registry,
      'sentio_receiver_samples_total',
      'Samples received by remote-write, by outcome: stored, or the reason why they were dropped.',
      { outcome: [...OUTCOMES, ...UNTRACKED].map(({ outcome }) => outcome) },
    );
    this.#staleMarkers = counter(
      registry,
      'sentio_receiver_stale_markers_total',
      'Stale markers received for tracked series.',
    );
    this.#repeated = counter(
      registry,
      'sentio_receiver_repeated_refusals_total',
      'Requests that a sender repeated after a 400 and that were answered with 204, because the same was refused before.',
    );
    this.#dropped = counter(
      registry,
      'sentio_receiver_dropped_total',
      'Exemplars that no rule wants, native histograms of which nothing is derived, and series with invalid labels that were dropped.',
      { kind: ['exemplar', 'histogram', 'invalid_histogram', 'invalid_series'] },
    );
  }

  countRequest(protocol: WriteProtocol | undefined, code: number, seconds: number): void {
    this.#requests.inc({ protocol: protocol ?? 'unknown', code });
    this.#seconds.observe(seconds);
  }

  countRepeatedRefusal(): void {
    this.#repeated.inc();
  }

  countBody(bytes: number, stats: WriteStats): void {
    this.#bytes.inc(bytes);
    for (const { outcome, index } of OUTCOMES) this.#samples.inc({ outcome }, stats.byOutcome[index]);
    for (const { outcome, index } of UNTRACKED) this.#samples.inc({ outcome }, stats.byUntracked[index]);
    this.#staleMarkers.inc(stats.staleMarkers);
    this.#dropped.inc({ kind: 'exemplar' }, stats.exemplars - stats.keptExemplars);
    this.#dropped.inc({ kind: 'histogram' }, stats.histograms - stats.invalidHistograms - stats.derivedHistograms);
    this.#dropped.inc({ kind: 'invalid_histogram' }, stats.invalidHistograms);
    this.#dropped.inc({ kind: 'invalid_series' }, stats.invalidSeries);
  }
}

function outcomeLabels(codes: Readonly<Record<string, number>>): { outcome: string; index: number }[] {
  return Object.entries(codes).map(([name, code]) => ({
    outcome: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    index: Math.abs(code),
  }));
}
