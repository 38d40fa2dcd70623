import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Label } from '../../model/labels/labels.js';
import type { RemoteWriteSettings } from '../../model/settings/endpoint.js';
import type { OpenPool } from '../http/exchange.js';
import { type RefusalReason, RemoteWriteMetrics } from './metrics.js';
import { OpenRequest } from './open-request.js';
import { RemoteTarget } from './remote-target.js';
import { SentTimesByTarget } from './sent-times-by-target.js';

/**
 * The furthest a sample may be ahead of the clock. Prometheus refuses from 10 minutes on (storage/remote
 * write_handler.go, maxAheadTime); older ones accept it and then fail every scrape. A minute is left for clocks that
 * differ.
 */
export const MAX_LEAD_MS = 9 * 60_000;

/** Requests with curves that may wait in a queue: enough to keep a target busy, and few enough to be sent within a second. */
const CURVE_REQUESTS = 20;

export interface RemoteWriterOptions {
  readonly targets: readonly RemoteWriteSettings[];
  /** At most `MAX_LEAD_MS`, which is the default. */
  readonly maxLeadMs?: number;
  readonly userAgent: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly registry: Registry;
  /** undici's by default. */
  readonly openPool?: OpenPool;
}

/**
 * Sends the series that Sentio derives from its sources to all targets by remote_write.
 *
 * Samples are batched into requests, and each target works through its own queue of them. The caller
 * ensures strictly increasing times per series; the writer ensures that a request has each series once and nothing from
 * the far future.
 */
export class RemoteWriter {
  readonly #makeTarget: (settings: RemoteWriteSettings) => RemoteTarget;
  readonly #metrics: RemoteWriteMetrics;
  readonly #maxLeadMs: number;
  readonly #now: () => number;
  #targets: readonly RemoteTarget[];
  #openRequests: readonly OpenRequest[] = [];
  /** Those of the targets that are sent curves. */
  #openCurves: readonly OpenRequest[] = [];
  #closed = false;
  /** To be kept over a restart, and restored before anything is written. */
  readonly sentTimes: SentTimesByTarget;

  /** Throws `RangeError` for a lead over `MAX_LEAD_MS`. */
  constructor({ targets, maxLeadMs = MAX_LEAD_MS, userAgent, log, now, registry, openPool }: RemoteWriterOptions) {
    if (!(maxLeadMs <= MAX_LEAD_MS)) {
      throw new RangeError(`Cannot create RemoteWriter: maxLeadMs must be ≤ ${MAX_LEAD_MS}, got ${maxLeadMs}`);
    }
    this.#metrics = new RemoteWriteMetrics(registry);
    this.sentTimes = new SentTimesByTarget(now);
    this.#maxLeadMs = maxLeadMs;
    this.#now = now;
    this.#makeTarget = (settings) =>
      new RemoteTarget({
        settings,
        userAgent,
        metrics: this.#metrics,
        log,
        now,
        sentTimes: this.sentTimes.of(settings.url),
        openPool,
      });
    this.#targets = targets.map(this.#makeTarget);
    this.#openForTargets();
  }

  /**
   * Adds a sample of the series that the source's canonical label block becomes with `nameSuffix` behind its name and
   * `extra` among its labels. `timeMs` is an integer ≥ 0. Returns whether it was queued; if not, it is counted by
   * reason (`sentio_remote_write_refused_samples_total`).
   */
  append(block: Uint8Array, nameSuffix: string, extra: Label | undefined, timeMs: number, value: number): boolean {
    if (Number.isNaN(value)) return this.#refuse('not_a_number');
    return this.#append(block, nameSuffix, extra, timeMs, value);
  }

  /** Ends a series with a stale marker; otherwise as `append`. */
  appendStale(block: Uint8Array, nameSuffix: string, extra: Label | undefined, timeMs: number): boolean {
    return this.#append(block, nameSuffix, extra, timeMs, undefined);
  }

  /** How far ahead of the clock curves of the future are taken now; 0 where no target takes any. */
  get futureMs(): number {
    return Math.max(0, ...this.#takingFuture().map(({ settings }) => settings.futureMs));
  }

  /** How many samples of curves the queues may be given now, so that what is published at every step does not wait for them. */
  get futureRoom(): number {
    const rooms = this.#takingFuture().map(
      ({ settings, queuedSamples }) => CURVE_REQUESTS * settings.maxSamplesPerSend - queuedSamples,
    );
    return Math.max(0, Math.min(...rooms));
  }

  /**
   * Adds a sample of a curve of the future, for the targets that take it: up to `futureMs` ahead of the clock, several of one
   * series after one another, in order of time. Otherwise as `append`.
   */
  appendFuture(
    block: Uint8Array,
    nameSuffix: string,
    extra: Label | undefined,
    timeMs: number,
    value: number,
  ): boolean {
    if (Number.isNaN(value)) return this.#refuse('not_a_number');
    return this.#append(block, nameSuffix, extra, timeMs, value, { to: this.#openCurves, leadMs: this.futureMs });
  }

  /** Whether a target has accepted samples; undefined where there are no targets. */
  get hasSent(): boolean | undefined {
    return this.#targets.length === 0 ? undefined : this.#targets.some(({ hasSent }) => hasSent);
  }

  /** The targets that do not accept samples now. */
  get failing(): {
    readonly name: string;
    readonly text: string;
    readonly sinceMs: number;
    readonly isOfCurves: boolean;
  }[] {
    return this.#targets.flatMap(({ settings: { name }, problem }) =>
      problem === undefined ? [] : [{ name, ...problem }],
    );
  }

  /** Ends an evaluation: what is batched goes to the queues. */
  flush(): void {
    for (const request of [...this.#openRequests, ...this.#openCurves]) request.flush();
  }

  /**
   * Changes the targets. One whose settings stay the same keeps its queue. The others are drained for up to `withinMs`
   * first: a new target may have the address of a removed one, and must not overtake it.
   */
  async setTargets(targets: readonly RemoteWriteSettings[], withinMs: number): Promise<void> {
    this.flush();
    const isKept = ({ settings }: RemoteTarget) => targets.some((wanted) => isDeepStrictEqual(wanted, settings));
    const leaving = this.#targets.filter((target) => !isKept(target));
    this.#targets = this.#targets.filter(isKept);
    this.#openForTargets();
    await closeTargets(leaving, withinMs);
    for (const { settings } of leaving) this.#metrics.removeTarget(settings.name);
    if (this.#closed) return;
    this.flush();
    const isNew = (wanted: RemoteWriteSettings) =>
      !this.#targets.some(({ settings }) => isDeepStrictEqual(wanted, settings));
    this.#targets = [...this.#targets, ...targets.filter(isNew).map(this.#makeTarget)];
    this.#openForTargets();
  }

  /** Accepts nothing more and sends the queues; what is not sent after `withinMs` is dropped and counted. */
  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    this.flush();
    await closeTargets(this.#targets, withinMs);
  }

  #append(
    block: Uint8Array,
    nameSuffix: string,
    extra: Label | undefined,
    timeMs: number,
    value: number | undefined,
    { to, leadMs } = { to: this.#openRequests, leadMs: this.#maxLeadMs },
  ): boolean {
    if (this.#closed) return this.#refuse('closed');
    if (!(timeMs <= this.#now() + leadMs)) return this.#refuse('future');
    for (const request of to) {
      if (!request.append(block, nameSuffix, extra, timeMs, value)) return this.#refuse('no_such_series');
    }
    return true;
  }

  #takingFuture(): RemoteTarget[] {
    return this.#targets.filter(({ takesFuture }) => takesFuture);
  }

  #openForTargets(): void {
    const withFuture = this.#targets.filter(({ settings }) => settings.futureMs > 0);
    this.#openRequests = groupBySize(this.#targets).map((group) => new OpenRequest(group, false, this.#now));
    this.#openCurves = groupBySize(withFuture).map((group) => new OpenRequest(group, true, this.#now));
  }

  #refuse(reason: RefusalReason): false {
    this.#metrics.refused.inc({ reason });
    return false;
  }
}

async function closeTargets(targets: readonly RemoteTarget[], withinMs: number): Promise<void> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), withinMs);
  await Promise.all(targets.map((target) => target.close(deadline.signal)));
  clearTimeout(timer);
}

/** Targets with the same request size share requests: encoded once, compressed once, held once. */
function groupBySize(targets: readonly RemoteTarget[]): RemoteTarget[][] {
  const groups = new Map<string, RemoteTarget[]>();
  for (const target of targets) {
    const { maxSamplesPerSend, batchSendDeadlineMs } = target.settings;
    const size = `${maxSamplesPerSend} ${batchSendDeadlineMs}`;
    groups.set(size, [...(groups.get(size) ?? []), target]);
  }
  return [...groups.values()];
}
