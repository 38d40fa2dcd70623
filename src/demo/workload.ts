import { type Labels, makeLabels } from '../model/labels/labels.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** One series of the made-up machine. */
export interface WorkloadSeries {
  readonly labels: Labels;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  /** What is expected at an instant, in the unit of the series (per second, for a counter). */
  readonly expected: (timeMs: number) => number;
  /** Standard deviation of the noise around it. */
  readonly noise: number;
  /** What an injected anomaly adds. */
  readonly anomaly: number;
}

/** An anomaly begins this long after the live part and then every minute, and lasts this long; the series take turns. */
const ANOMALY_START_MS = 8_000;
const ANOMALY_LENGTH_MS = 15_000;

const HOST = { job: 'demo', instance: 'demo', host: 'web-1' };

export const WORKLOAD: readonly WorkloadSeries[] = [
  {
    labels: makeLabels({ __name__: 'demo_cpu_usage_percent', ...HOST }),
    help: 'CPU in use.',
    type: 'gauge',
    expected: (t) => 38 + 16 * day(t) + 7 * evening(t) - 5 * weekend(t),
    noise: 1.5,
    anomaly: 35,
  },
  {
    labels: makeLabels({ __name__: 'demo_requests_total', ...HOST }),
    help: 'Requests served.',
    type: 'counter',
    expected: (t) => 220 + 140 * day(t) + 60 * evening(t) - 50 * weekend(t),
    noise: 9,
    anomaly: -190,
  },
  {
    labels: makeLabels({ __name__: 'demo_request_latency_seconds', ...HOST }),
    help: 'Time to serve a request.',
    type: 'gauge',
    expected: (t) => 0.12 + 0.04 * day(t) + 0.02 * evening(t),
    noise: 0.006,
    anomaly: 0.2,
  },
  {
    labels: makeLabels({ __name__: 'demo_memory_usage_bytes', ...HOST }),
    help: 'Memory in use.',
    type: 'gauge',
    expected: (t) => 3.2e9 + 4e8 * day(t) + 9e7 * evening(t),
    noise: 2.5e7,
    anomaly: 9e8,
  },
  {
    labels: makeLabels({ __name__: 'demo_queue_length', ...HOST }),
    help: 'Jobs waiting.',
    type: 'gauge',
    expected: (t) => 42 + 25 * day(t) + 10 * weekend(t),
    noise: 2.5,
    anomaly: 60,
  },
  {
    labels: makeLabels({ __name__: 'demo_temperature_celsius', ...HOST }),
    help: 'Temperature of the room.',
    type: 'gauge',
    expected: (t) => 21.5 + 1.2 * day(t - 3 * HOUR_MS),
    noise: 0.12,
    anomaly: -4,
  },
];

/**
 * The values the machine exposes over time. The noise is drawn once per `noiseStepMs`, from the time itself: the same
 * instant always has the same value, so history and live samples are of one piece.
 */
export class Workload {
  readonly #noiseStepMs: number;
  readonly #liveFromMs: number;
  readonly #counters = new Float64Array(WORKLOAD.length);
  #timeMs = Number.NaN;

  /** What lies before `liveFromMs` is history, and without anomalies, as most of anyone's history is. */
  constructor({ noiseStepMs, liveFromMs }: { noiseStepMs: number; liveFromMs: number }) {
    this.#noiseStepMs = noiseStepMs;
    this.#liveFromMs = liveFromMs;
  }

  /** Which series an anomaly is being injected into at an instant, if any. */
  struckAt(timeMs: number): WorkloadSeries | undefined {
    const sinceFirstMs = timeMs - this.#liveFromMs - ANOMALY_START_MS;
    if (sinceFirstMs < 0 || sinceFirstMs % MINUTE_MS >= ANOMALY_LENGTH_MS) return undefined;
    return WORKLOAD[Math.floor(sinceFirstMs / MINUTE_MS) % WORKLOAD.length];
  }

  /** When the latest anomaly was injected into a series, at `timeMs` or before; undefined before its first. */
  lastStruckMs(series: WorkloadSeries, timeMs: number): number | undefined {
    const firstMs = this.#liveFromMs + ANOMALY_START_MS + WORKLOAD.indexOf(series) * MINUTE_MS;
    if (timeMs < firstMs) return undefined;
    const everyMs = WORKLOAD.length * MINUTE_MS;
    return firstMs + Math.floor((timeMs - firstMs) / everyMs) * everyMs;
  }

  /** One value per series of `WORKLOAD` at `timeMs`; counters count from one call to the next. */
  at(timeMs: number): Float64Array {
    // A clock that is set back may not turn a counter back.
    const elapsedSeconds = Number.isNaN(this.#timeMs) ? 0 : Math.max(0, timeMs - this.#timeMs) / 1000;
    this.#timeMs = timeMs;
    const struck = this.struckAt(timeMs);
    return Float64Array.from(WORKLOAD, (series, i) => {
      const noise = series.noise * gaussian(i, Math.floor(timeMs / this.#noiseStepMs));
      const value = series.expected(timeMs) + noise + (series === struck ? series.anomaly : 0);
      if (series.type === 'gauge') return value;
      this.#counters[i]! += Math.max(0, value) * elapsedSeconds;
      return this.#counters[i]!;
    });
  }
}

/** The daily shape, −1 … 1: low at night (UTC), high in the afternoon. */
function day(timeMs: number): number {
  return -Math.cos((2 * Math.PI * (timeMs - 3 * HOUR_MS)) / DAY_MS);
}

function evening(timeMs: number): number {
  return Math.sin((4 * Math.PI * (timeMs - 5 * HOUR_MS)) / DAY_MS);
}

/** The weekly shape, −1 … 1: highest on Sunday at noon; the Unix epoch was a Thursday. */
function weekend(timeMs: number): number {
  return Math.cos((2 * Math.PI * (timeMs / DAY_MS - 3.5)) / 7);
}

/** A standard normal number that depends on nothing but its two arguments. */
function gaussian(series: number, step: number): number {
  const u = uniform(series, step, 1);
  const v = uniform(series, step, 2);
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}

/** A number in (0, 1] mixed out of three integers (the finalizer of MurmurHash3). */
function uniform(a: number, b: number, c: number): number {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b % 0x7fffffff, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= h >>> 16;
  return ((h >>> 0) + 1) / 2 ** 32;
}
