import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ThrottledLog } from '../../lib/throttled-log.js';
import { formatLabels } from '../../model/labels/labels.js';
import type { RemoteWriteSettings } from '../../model/settings/endpoint.js';
import { backoffMs } from '../http/backoff.js';
import { type HttpClientOptions, redactUrl } from '../http/http-client.js';
import type { Verdict } from './answer/verdict.js';
import { Delivery } from './delivery.js';
import { FutureGate, speaksOfTime } from './future-gate.js';
import type { RemoteWriteMetrics, SampleOutcome } from './metrics.js';
import type { QueuedRequest } from './queued-request.js';
import { RefusalStreak } from './refusal-streak.js';
import { SendQueue } from './send-queue.js';
import type { SentTimes } from './sent-times.js';
import { type Attempt, WriteClient } from './write-client.js';

/** The same problem is logged no more often than this. */
const LOG_INTERVAL_MS = 60_000;
const MAX_LOGGED_LABELS = 1024;
/** The longest pause between the parts of a request while the target has accepted none of them. */
const MAX_REFUSAL_PAUSE_MS = 1_000;

/** After which a target may have samples. */
const MAY_BE_KEPT: readonly Verdict[] = ['accepted', 'unavailable', 'faulty'];

export interface RemoteTargetOptions extends HttpClientOptions {
  readonly settings: RemoteWriteSettings;
  readonly metrics: RemoteWriteMetrics;
  readonly log: Logger;
  readonly now: () => number;
  /** When its address was sent anything, also before its settings changed. */
  readonly sentTimes: SentTimes;
}

/**
 * One remote_write target and its queue. One request is in flight at a time, oldest first, so every series arrives in
 * time order; a slow or dead target does not delay the others.
 */
export class RemoteTarget {
  readonly settings: RemoteWriteSettings;
  readonly #client: WriteClient;
  readonly #queue: SendQueue;
  readonly #metrics: RemoteWriteMetrics;
  readonly #log: Logger;
  readonly #throttledLog: ThrottledLog;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  #draining: Promise<void> | undefined;
  #protocol: '1.0' | '2.0';
  /** Failed attempts in a row. */
  #failures = 0;
  #outageLogged = false;
  readonly #refusals = new RefusalStreak();
  readonly #future: FutureGate | undefined;
  readonly #sentTimes: SentTimes;
  /** While the clock, set back, is at times at which the target was written to before. */
  #repetition: { readonly untilMs: number; readonly sinceMs: number } | undefined;
  #highestSentMs = 0;
  #problem: { readonly text: string; readonly sinceMs: number } | undefined;

  constructor({ settings, userAgent, metrics, log, now, sentTimes, openPool }: RemoteTargetOptions) {
    this.settings = settings;
    this.#queue = new SendQueue(settings.capacity);
    this.#metrics = metrics;
    const targetLog = log.child({ target: settings.name, url: redactUrl(settings.url) });
    this.#client = new WriteClient(settings, { userAgent, log: targetLog, now, openPool });
    this.#log = targetLog;
    this.#throttledLog = new ThrottledLog(this.#log, LOG_INTERVAL_MS, now);
    this.#now = now;
    this.#sentTimes = sentTimes;
    this.#protocol = settings.protocol;
    metrics.addTarget(settings.name);
    metrics.queueCapacity.set({ target: settings.name }, settings.capacity);
    this.#showQueue();
    if (settings.futureMs > 0) {
      this.#future = new FutureGate({ settings, userAgent, metrics, log: targetLog, now, openPool });
    }
  }

  /** Queues a request; where the queue is full the oldest samples are dropped and counted. */
  enqueue(request: QueuedRequest): void {
    if (request.isFuture && !this.takesFuture) {
      this.#metrics.samples.inc({ target: this.settings.name, outcome: 'rejected' }, request.sampleCount);
      return;
    }
    if (!request.isFuture && this.#repeats(request)) return;
    this.#lost('queue_full', this.#queue.push(request), 'the queue is full');
    this.#showQueue();
    if (this.#queue.sampleCount > 0) this.#draining ??= this.#drain();
  }

  /** Sends what is queued, until `deadline` aborts; what is left then is dropped and counted. */
  async close(deadline: AbortSignal): Promise<void> {
    const stop = () => this.#stop.abort(deadline.reason);
    deadline.addEventListener('abort', stop, { once: true });
    if (deadline.aborted) stop();
    await this.#future?.stop();
    await this.#draining;
    deadline.removeEventListener('abort', stop);
    await this.#client.close();
  }

  /** Whether the target has accepted samples. */
  get hasSent(): boolean {
    return this.#highestSentMs > 0;
  }

  /** Whether curves of the future may be sent to it now. */
  get takesFuture(): boolean {
    return this.#future?.isOpen ?? false;
  }

  /** Samples in its queue. */
  get queuedSamples(): number {
    return this.#queue.sampleCount;
  }

  /** Why the target does not accept samples, in words, and since when; undefined while it does. `isOfCurves`: it accepts all others. */
  get problem(): { readonly text: string; readonly sinceMs: number; readonly isOfCurves: boolean } | undefined {
    if (this.#repetition !== undefined) {
      const { untilMs, sinceMs } = this.#repetition;
      const text = `the clock was set back, and the target has samples up to ${new Date(untilMs).toISOString()}: it is written to again then`;
      return { text, sinceMs, isOfCurves: false };
    }
    if (this.#problem !== undefined) return { ...this.#problem, isOfCurves: false };
    const problem = this.#future?.problem;
    return problem && { ...problem, isOfCurves: true };
  }

  /** Whether the target may have other values for the timestamps of a request: then it is counted as lost. */
  #repeats({ madeMs, sampleCount }: QueuedRequest): boolean {
    const before = this.#repetition;
    const untilMs = this.#sentTimes.repeatedUntilMs(madeMs);
    if (untilMs === undefined) {
      this.#repetition = undefined;
      if (before !== undefined) this.#log.info('the clock is right again: the remote_write target is written to');
      return false;
    }
    if (untilMs !== before?.untilMs) {
      this.#repetition = { untilMs, sinceMs: before?.sinceMs ?? madeMs };
      this.#log.error(
        { until: new Date(untilMs).toISOString() },
        'the clock was set back: the remote_write target has samples of these times, and is written to again when the clock is past them',
      );
    }
    this.#metrics.samples.inc({ target: this.settings.name, outcome: 'repeated' }, sampleCount);
    return true;
  }

  async #drain(): Promise<void> {
    for (let request = this.#queue.shift(); request !== undefined; request = this.#queue.shift()) {
      this.#showQueue();
      // Of curves that are refused one sample shows whether any are taken.
      const probe = request.isFuture ? request.sampleCount >> 1 : this.#refusals.probe;
      await this.#deliver(new Delivery(request, probe));
    }
    this.#draining = undefined;
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { bisection } = delivery;
    let previous: readonly number[] | undefined;
    let retries = 0;
    for (;;) {
      if (this.#stop.signal.aborted) {
        this.#lost('shutdown', bisection.remaining, 'the shutdown deadline expired');
        return;
      }
      if (delivery.isFuture && !this.takesFuture) {
        this.#lost('rejected', bisection.abandonAll(), 'the target takes no samples of the future');
        return;
      }
      const tooOld = delivery.dropOlderThan(this.#now() - this.settings.sampleAgeLimitMs);
      this.#lost('too_old', tooOld, 'older than the sample age limit');
      const series = bisection.current;
      if (series === undefined) return;
      retries = series === previous ? retries + 1 : 0;
      previous = series;
      const attempt = await this.#send(delivery.body(series, this.#protocol), series.length, retries);
      await this.#settle(attempt, delivery, series);
    }
  }

  async #send(body: Uint8Array, sampleCount: number, retries: number): Promise<Attempt> {
    const target = { target: this.settings.name };
    if (retries > 0) this.#metrics.retries.inc(target);
    const stopTimer = this.#metrics.requestSeconds.startTimer(target);
    const attempt = await this.#client.send({
      body,
      sampleCount,
      protocol: this.#protocol,
      retries,
      signal: this.#stop.signal,
    });
    stopTimer();
    this.#metrics.sentBytes.inc(target, body.length);
    return attempt;
  }

  /** Handles the result of an attempt to send `series`; backs off where the target asks for it. */
  async #settle(attempt: Attempt, delivery: Delivery, series: readonly number[]): Promise<void> {
    const { bisection } = delivery;
    const { verdict, reason, remedy, written } = attempt;
    const advice = remedy === undefined ? {} : { remedy };
    // Without an answer it may have kept them.
    if (!delivery.isFuture && MAY_BE_KEPT.includes(verdict)) this.#sentTimes.add(delivery.madeMs);
    switch (verdict) {
      case 'accepted':
        this.#sent(written, delivery, series);
        this.#lost('rejected', series.length - written, reason);
        bisection.accepted();
        if (delivery.isFuture) this.#future?.accepted();
        else this.#endRefusals();
        break;
      case 'refused': {
        const lost = bisection.refused();
        this.#rejected(lost, delivery, reason, advice);
        if (delivery.isFuture) this.#noteFutureRefused(delivery, reason);
        else if (!bisection.anyAccepted) await this.#noteRefused(lost.length, bisection.remaining === 0, reason);
        break;
      }
      case 'non_retryable':
        if (this.#lost('failed', series.length, reason, advice)) this.#outageLogged = true;
        this.#hasFailed(attempt);
        bisection.abandoned();
        return;
      case 'wrong_protocol':
        this.#log.warn({ reason }, 'remote_write target does not support protocol 2.0: falling back to 1.0');
        this.#protocol = '1.0';
        break;
      case 'faulty':
        this.#rejected(bisection.faulted(), delivery, reason);
        return this.#pause(attempt);
      case 'unavailable':
        return this.#pause(attempt);
    }
    if (this.#outageLogged) this.#log.info({ failures: this.#failures }, 'remote_write target accepts samples again');
    this.#outageLogged = false;
    this.#failures = 0;
    this.#problem = undefined;
  }

  #hasFailed({ text }: Attempt): void {
    this.#failures++;
    this.#problem = { text, sinceMs: this.#problem?.sinceMs ?? this.#now() };
  }

  /** Waits before the next attempt: with backoff, or as long as the target asks. */
  async #pause(attempt: Attempt): Promise<void> {
    const { reason, retryAfterMs = 0 } = attempt;
    const { minBackoffMs, maxBackoffMs, sampleAgeLimitMs } = this.settings;
    this.#hasFailed(attempt);
    const waitMs = Math.max(
      backoffMs(this.#failures, minBackoffMs, maxBackoffMs),
      // However long the target asks for, by then everything queued now is too old.
      Math.min(retryAfterMs, sampleAgeLimitMs),
    );
    const details = { reason, waitMs: Math.round(waitMs), queuedSamples: this.#queue.sampleCount };
    if (this.#throttledLog.warn(details, 'remote_write target does not accept samples: retrying'))
      this.#outageLogged = true;
    await this.#sleep(waitMs);
  }

  async #sleep(waitMs: number): Promise<void> {
    try {
      await sleep(waitMs, undefined, { signal: this.#stop.signal });
    } catch {
      // The shutdown deadline passed: the caller looks at the signal.
    }
  }

  /** Nothing of the request was accepted so far; `isWhole`: nor will any of it be. Pauses before the next attempt. */
  async #noteRefused(lost: number, isWhole: boolean, reason: string): Promise<void> {
    const streak = this.#refusals;
    streak.refused(lost);
    if (isWhole && streak.endRequest()) {
      this.#log.warn(
        { reason, samples: streak.lostSamples },
        'remote_write target refuses everything: requests are no longer taken apart until it accepts samples again',
      );
    }
    const { minBackoffMs, maxBackoffMs } = this.settings;
    await this.#sleep(backoffMs(streak.refusals, minBackoffMs, Math.min(maxBackoffMs, MAX_REFUSAL_PAUSE_MS)));
  }

  #noteFutureRefused({ bisection }: Delivery, reason: string): void {
    const isWhole = bisection.remaining === 0 && !bisection.anyAccepted;
    if (speaksOfTime(reason)) this.#future?.close(reason);
    else if (isWhole) this.#future?.refused(reason);
  }

  #endRefusals(): void {
    const streak = this.#refusals;
    if (streak.isRefusingAll) {
      this.#log.info({ lostSamples: streak.lostSamples }, 'remote_write target no longer refuses everything');
    }
    streak.end();
  }

  #sent(sampleCount: number, delivery: Delivery, series: readonly number[]): void {
    const target = { target: this.settings.name };
    this.#metrics.samples.inc({ ...target, outcome: 'sent' }, sampleCount);
    // Where the curve ends says nothing of how far behind the target is.
    if (delivery.isFuture) return;
    this.#highestSentMs = Math.max(this.#highestSentMs, delivery.newestMs(series));
    this.#metrics.highestSentSeconds.set(target, this.#highestSentMs / 1000);
  }

  #rejected(lost: readonly number[], delivery: Delivery, reason: string, advice: object = {}): void {
    if (lost.length === 0) return;
    const example = formatLabels(delivery.labels(lost[0]!)).slice(0, MAX_LOGGED_LABELS);
    this.#lost('rejected', lost.length, reason, { series: example, ...advice });
  }

  /** Counts samples that are lost, and logs it now and then; returns whether it was logged. */
  #lost(outcome: SampleOutcome, samples: number, reason: string, details: object = {}): boolean {
    if (samples === 0) return false;
    this.#metrics.samples.inc({ target: this.settings.name, outcome }, samples);
    // What a target that refuses everything loses is said once, and again when it no longer does.
    if (outcome === 'rejected' && this.#refusals.isRefusingAll) return false;
    return this.#throttledLog.warn({ samples, reason, ...details }, `remote_write samples lost: ${outcome}`);
  }

  #showQueue(): void {
    this.#metrics.queueSamples.set({ target: this.settings.name }, this.#queue.sampleCount);
  }
}
