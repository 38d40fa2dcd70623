import { compress } from '#src/wire/core/snappy.js';
import type { Random } from '../ordinary-days/random.js';
import { encodeProto } from '../wire/proto.js';
import type { SimulatedClock } from './clock.js';
import { NO_FAULTS, type WayFaults } from './network.js';
import { isThere, SCRAPE_MS, type SimulatedSeries, scrapeTimes } from './workload.js';

/** Where the sender's requests go: the process under test. */
export interface Receiver {
  /** Rejects where the connection is refused or ends without an answer. */
  receive(body: Uint8Array, samples: number): Promise<{ status: number; retryAfterSeconds: number }>;
}

interface Sample {
  readonly series: SimulatedSeries;
  readonly timeMs: number;
  /** The last of its series: its target is gone. */
  readonly isStale: boolean;
}

const SHARDS = 2;
const MAX_SAMPLES = 100;
const BATCH_DEADLINE_MS = 5_000;
const TIMEOUT_MS = 30_000;
const MIN_BACKOFF_MS = 30;
const MAX_BACKOFF_MS = 5_000;
const STALE_NAN = Buffer.from('020000000000f07f', 'hex').readDoubleLE();

/** The remote_write of the simulated Prometheus: what it has scraped it keeps until it is answered, shard by shard. */
export class Sender {
  readonly way: WayFaults = { ...NO_FAULTS };
  /** Samples that were refused for good, as `name time`. */
  readonly refused = new Set<string>();
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  readonly #series: readonly SimulatedSeries[];
  readonly #receiver: Receiver;
  readonly #queues: Sample[][] = Array.from({ length: SHARDS }, () => []);
  readonly #isSending = new Array<boolean>(SHARDS).fill(false);

  constructor(options: {
    clock: SimulatedClock;
    random: Random;
    series: readonly SimulatedSeries[];
    receiver: Receiver;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#series = options.series;
    this.#receiver = options.receiver;
  }

  /** Samples that wait for an answer. */
  get waiting(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.length, 0);
  }

  /** Scrapes from now until `endMs`. */
  start(endMs: number): void {
    for (const timeMs of scrapeTimes(this.#clock.nowMs, endMs)) {
      this.#clock.in(timeMs - this.#clock.nowMs, () => this.#scrape(timeMs));
    }
  }

  #scrape(timeMs: number): void {
    this.#series.forEach((series, i) => {
      const queue = this.#queues[i % SHARDS]!;
      if (isThere(series, timeMs)) queue.push({ series, timeMs, isStale: false });
      else if (isThere(series, timeMs - SCRAPE_MS)) queue.push({ series, timeMs, isStale: true });
    });
    for (let shard = 0; shard < SHARDS; shard++) {
      if (this.#isSending[shard]) continue;
      this.#isSending[shard] = true;
      void this.#drain(shard);
    }
  }

  async #drain(shard: number): Promise<void> {
    const queue = this.#queues[shard]!;
    await this.#clock.sleep(this.#random.uniform() * BATCH_DEADLINE_MS);
    while (queue.length > 0) {
      const batch = queue.slice(0, MAX_SAMPLES);
      await this.#deliver(batch);
      queue.splice(0, batch.length);
    }
    this.#isSending[shard] = false;
  }

  /** Sends a request until it is answered for good. */
  async #deliver(batch: readonly Sample[]): Promise<void> {
    const body = encode(batch);
    for (let backoffMs = MIN_BACKOFF_MS; ; backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS)) {
      const answer = await this.#attempt(body, batch.length);
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) {
        if (answer.status >= 400) {
          for (const { series, timeMs } of batch) this.refused.add(`${series.name} ${timeMs}`);
        }
        return;
      }
      await this.#clock.sleep(Math.max(backoffMs, (answer?.retryAfterSeconds ?? 0) * 1000));
    }
  }

  async #attempt(body: Uint8Array, samples: number) {
    const random = this.#random;
    const latencyMs = () => random.uniform() * this.way.latencyMs;
    if (random.uniform() < this.way.doubled) {
      void this.#clock
        .sleep(random.uniform() * 120_000)
        .then(() => this.#receiver.receive(body, samples))
        .catch(() => {});
    }
    const isLost = random.uniform() < this.way.lostAnswers;
    const exchange = async () => {
      if (random.uniform() < this.way.lostRequests) return undefined;
      await this.#clock.sleep(latencyMs());
      const answer = await this.#receiver.receive(body, samples);
      await this.#clock.sleep(latencyMs());
      return answer;
    };
    const first = exchange().catch(() => 'failed' as const);
    const timeout = this.#clock.sleep(TIMEOUT_MS).then(() => undefined);
    // Without an answer the sender waits for as long as it is set to.
    const answer = await Promise.race([isLost ? timeout : first.then((a) => (a === undefined ? timeout : a)), timeout]);
    return answer === 'failed' ? undefined : answer;
  }
}

function encode(batch: readonly Sample[]): Uint8Array {
  const timeseries = batch.map(({ series, timeMs, isStale }) => ({
    labels: Object.entries(series.labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => ({ name, value })),
    samples: [{ value: isStale ? STALE_NAN : series.valueAt(timeMs), timestamp: timeMs }],
  }));
  return compress(encodeProto('prometheus.WriteRequest', { timeseries }));
}
