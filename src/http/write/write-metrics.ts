import { Counter, Histogram, type Registry } from 'prom-client';
import { SampleOutcome, Untracked } from '../../model/write-sink.js';
import type { WriteStats } from '../../wire/receive/write-stats.js';
import type { WriteProtocol } from './write-protocol.js';

/** The `outcome` label of each code, and where `WriteStats` counts it. */
const OUTCOMES = outcomeLabels(SampleOutcome);
const UNTRACKED = outcomeLabels(Untracked);
const DROPPED_KINDS = ['exemplar', 'histogram', 'invalid_histogram', 'invalid_series'];

/** What the write endpoint counts. */
export class WriteMetrics {
  readonly #requests: Counter<'protocol' | 'code'>;
  readonly #seconds: Histogram;
  readonly #bytes: Counter;
  readonly #samples: Counter<'outcome'>;
  readonly #staleMarkers: Counter;
  readonly #dropped: Counter<'kind'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'sentio_receiver_requests_total',
      help: 'Remote-write requests by protocol version and HTTP status.',
      labelNames: ['protocol', 'code'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'sentio_receiver_request_duration_seconds',
      help: 'Time from the headers of a remote-write request to its answer.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#bytes = new Counter({
      name: 'sentio_receiver_body_bytes_total',
      help: 'Bytes of remote-write bodies received, compressed.',
      registers,
    });
    this.#samples = new Counter({
      name: 'sentio_receiver_samples_total',
      help: 'Samples received by remote-write, by what became of them.',
      labelNames: ['outcome'],
      registers,
    });
    this.#staleMarkers = new Counter({
      name: 'sentio_receiver_stale_markers_total',
      help: 'Stale markers received for tracked series.',
      registers,
    });
    this.#dropped = new Counter({
      name: 'sentio_receiver_dropped_total',
      help: 'Exemplars and native histograms received, which are not kept, and series refused for their labels.',
      labelNames: ['kind'],
      registers,
    });
    for (const { outcome } of [...OUTCOMES, ...UNTRACKED]) this.#samples.inc({ outcome }, 0);
    for (const kind of DROPPED_KINDS) this.#dropped.inc({ kind }, 0);
  }

  countRequest(protocol: WriteProtocol | undefined, code: number, seconds: number): void {
    this.#requests.inc({ protocol: protocol ?? 'unknown', code });
    this.#seconds.observe(seconds);
  }

  countBody(bytes: number, stats: WriteStats): void {
    this.#bytes.inc(bytes);
    for (const { outcome, index } of OUTCOMES) this.#samples.inc({ outcome }, stats.byOutcome[index]);
    for (const { outcome, index } of UNTRACKED) this.#samples.inc({ outcome }, stats.byUntracked[index]);
    this.#staleMarkers.inc(stats.staleMarkers);
    this.#dropped.inc({ kind: 'exemplar' }, stats.exemplars);
    this.#dropped.inc({ kind: 'histogram' }, stats.histograms - stats.invalidHistograms);
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
