import type { SeriesPoints } from './remote-write.js';

/** A day of the compressed clock that these tests live on. */
export const DAY_MS = 60_000;

/** One series of a scrape target as a function of time, so that the past that is sent at once and the present that is scraped are one process. */
export interface WorkloadSeries {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly labels: Readonly<Record<string, string>>;
  /** `undefined` where the series does not exist. */
  valueAt(timeMs: number): number | undefined;
}

/** A web shop: two regions with a daily shape, a counter, a constant, a queue that can spike and a worker that can vanish. */
export class Shop {
  /** From here to there the queue is ten times as long as it should be. */
  spike = { startMs: Number.POSITIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };
  /** From here on the worker is gone. */
  workerEndMs = Number.POSITIVE_INFINITY;

  readonly series: readonly WorkloadSeries[] = [
    { name: 'shop_orders', type: 'gauge', labels: { region: 'eu' }, valueAt: (t) => 200 * daily(t) + noise(t, 1, 4) },
    {
      name: 'shop_orders',
      type: 'gauge',
      labels: { region: 'größe "ü"' },
      valueAt: (t) => 500 * daily(t) + noise(t, 2, 9),
    },
    { name: 'shop_requests_total', type: 'counter', labels: {}, valueAt: (t) => Math.floor(requests(t)) },
    { name: 'shop_capacity', type: 'gauge', labels: {}, valueAt: () => 100 },
    { name: 'shop_queue', type: 'gauge', labels: {}, valueAt: (t) => this.#queueAt(t) },
    {
      name: 'shop_worker_load',
      type: 'gauge',
      labels: { worker: '1' },
      valueAt: (t) => (t < this.workerEndMs ? 3 + noise(t, 4, 0.1) : undefined),
    },
  ];

  #queueAt(timeMs: number): number {
    const usual = 20 + 5 * daily(timeMs) + noise(timeMs, 3, 1);
    return timeMs >= this.spike.startMs && timeMs < this.spike.endMs ? 10 * usual : usual;
  }

  /** The past of every series, one point a second, as a Prometheus with `extraLabels` would have sent it. */
  past(extraLabels: Readonly<Record<string, string>>, startMs: number, endMs: number): SeriesPoints[] {
    return this.series.map(({ name, labels, valueAt }) => {
      const points: { timeMs: number; value: number }[] = [];
      for (let timeMs = startMs; timeMs < endMs; timeMs += 1_000) {
        const value = valueAt(timeMs);
        if (value !== undefined) points.push({ timeMs, value });
      }
      return { labels: { __name__: name, ...labels, ...extraLabels }, points };
    });
  }
}

/** Between 0.4 and 1.6, one full turn a day. */
function daily(timeMs: number): number {
  return 1 + 0.6 * Math.sin((2 * Math.PI * timeMs) / DAY_MS);
}

const EPOCH_MS = Date.now() - 30 * DAY_MS;

/** A counter whose rate is 50 a second times `daily`: its integral since the epoch. */
function requests(timeMs: number): number {
  const swing = (ms: number) => ((-0.6 * DAY_MS) / (2 * Math.PI)) * Math.cos((2 * Math.PI * ms) / DAY_MS);
  return 0.05 * (timeMs - EPOCH_MS + swing(timeMs) - swing(EPOCH_MS));
}

/** Gaussian noise of standard deviation `sigma`, a function of the time and the stream (Irwin–Hall of four uniforms). */
function noise(timeMs: number, stream: number, sigma: number): number {
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += uniform(Math.floor(timeMs) % 2 ** 31, stream * 4 + i);
  return sigma * Math.sqrt(3) * (sum - 2);
}

/** A uniform number in [0, 1) from two integers (the finalizer of MurmurHash3). */
function uniform(a: number, b: number): number {
  let hash = a ^ Math.imul(b, 0x9e3779b9);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
