import type { Logger } from 'pino';
import type { Counter, Registry } from 'prom-client';
import { counter } from '../../lib/metrics/metrics.js';
import { ThrottledLog } from '../../lib/throttled-log.js';
import { TokenBucket } from '../../lib/token-bucket.js';
import { RequestError } from '../request/failure.js';

/** Clients remembered at one time; those that have sent little lately are forgotten first. */
const MAX_CLIENTS = 10_000;
const WARN_INTERVAL_MS = 60_000;

export interface ClientRateOptions {
  readonly maxSamplesPerSecond: number;
  readonly log: Logger;
  readonly registry: Registry;
}

/**
 * Bounds the samples a second of each client address. A request is taken as a whole, and what it has more than is left is a
 * debt: until it is paid, requests of that client get 503 with the time to wait, so that its samples come later and none is
 * lost. Others are not held up.
 */
export class ClientRates {
  readonly #maxPerSecond: number;
  readonly #warnings: ThrottledLog;
  readonly #refused: Counter;
  readonly #clients = new Map<string, TokenBucket>();

  constructor({ maxSamplesPerSecond, log, registry }: ClientRateOptions) {
    this.#maxPerSecond = maxSamplesPerSecond;
    this.#warnings = new ThrottledLog(log, WARN_INTERVAL_MS, () => performance.now());
    this.#refused = counter(
      registry,
      'sentio_receiver_rate_limited_requests_total',
      'Remote-write requests that were refused with 503 because their client sends more samples a second than it may.',
    );
  }

  /** Throws `RequestError` (503) where a client has sent more than it may. */
  check(client: string, nowMs: number): void {
    const waitMs = this.#clients.get(client)?.waitMs(nowMs) ?? 0;
    if (waitMs === 0) return;
    this.#refused.inc();
    const maxSamplesPerSecond = this.#maxPerSecond;
    this.#warnings.warn({ client, maxSamplesPerSecond }, 'a client sends more samples than it may: it is put off');
    const seconds = Math.ceil(waitMs / 1000);
    throw new RequestError(
      'unavailable',
      `more than ${maxSamplesPerSecond} samples a second came from ${client} (receiver.max_samples_per_second), retry in ${seconds} s`,
      { 'retry-after': String(seconds) },
    );
  }

  /** Counts what a client has sent. */
  count(client: string, samples: number, nowMs: number): void {
    if (this.#maxPerSecond === Number.POSITIVE_INFINITY) return;
    let bucket = this.#clients.get(client);
    if (bucket === undefined) {
      if (this.#clients.size >= MAX_CLIENTS) this.#forget(nowMs);
      bucket = new TokenBucket(this.#maxPerSecond, nowMs);
      this.#clients.set(client, bucket);
    }
    bucket.take(samples);
  }

  /** Makes room: of those that may send as much as one that was never there, or else of the oldest. */
  #forget(nowMs: number): void {
    for (const [client, bucket] of this.#clients) if (bucket.isFull(nowMs)) this.#clients.delete(client);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size >= MAX_CLIENTS && oldest !== undefined) this.#clients.delete(oldest);
  }
}
