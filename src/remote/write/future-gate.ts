import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { RemoteWriteSettings } from '../../model/settings/endpoint.js';
import { backoffMs } from '../http/backoff.js';
import type { HttpClientOptions } from '../http/http-client.js';
import type { RemoteWriteMetrics } from './metrics.js';
import { RefusalStreak } from './refusal-streak.js';
import { askWhatItIs } from './target-build.js';

/** Between two questions to a target that does not answer. */
const MIN_WAIT_MS = 1_000;
const MAX_WAIT_MS = 60_000;

export interface FutureGateOptions extends HttpClientOptions {
  readonly settings: RemoteWriteSettings;
  readonly metrics: RemoteWriteMetrics;
  readonly log: Logger;
  readonly now: () => number;
}

/**
 * Whether a target is sent curves of the future. It opens when the target has said that it is no Prometheus: one of 2.54 or later
 * refuses such samples, and an older one takes them and then fails every scrape. It closes for good, until the
 * settings of the target change, when the target refuses what is sent; what else is sent to the target goes on.
 */
export class FutureGate {
  readonly #settings: RemoteWriteSettings;
  readonly #metrics: RemoteWriteMetrics;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #refusals = new RefusalStreak();
  readonly #asking: Promise<void>;
  #isOpen = false;
  #problem: { readonly text: string; readonly sinceMs: number } | undefined;

  constructor(options: FutureGateOptions) {
    this.#settings = options.settings;
    this.#metrics = options.metrics;
    this.#log = options.log;
    this.#now = options.now;
    this.#show(false);
    this.#asking = this.#ask(options);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Why it is closed for good, in words, and since when; undefined while it is not. */
  get problem(): { readonly text: string; readonly sinceMs: number } | undefined {
    return this.#problem;
  }

  /** The target took samples of the future. */
  accepted(): void {
    this.#refusals.end();
  }

  /** The target refused a request with curves whole, and did not say that their time is why. */
  refused(reason: string): void {
    if (this.#refusals.endRequest()) this.close(reason);
  }

  /** The target refuses samples because of their time. */
  close(reason: string): void {
    if (!this.#isOpen) return;
    this.#log.error(
      { reason },
      'remote_write target refuses samples of the future: no more curves are sent to it, only what is published at every step; set a shorter `future` or none, or allow them at the target, and reload',
    );
    this.#shut('it refuses samples of the future');
  }

  /** Asks no more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#asking;
  }

  async #ask(options: FutureGateOptions): Promise<void> {
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; ) {
      const answer = await askWhatItIs(options, signal);
      if (signal.aborted) return;
      switch (answer.kind) {
        case 'prometheus':
          this.#log.error(
            { version: answer.version },
            'remote_write target is a Prometheus, which refuses samples of the future, or is damaged by them before 2.54: `future` has no effect; let it read the curve by remote_read',
          );
          return this.#shut('it is a Prometheus, which takes no samples of the future: unset `future`');
        case 'other':
          return this.#show(true);
        case 'unknown':
          this.#log.warn(
            { reason: answer.reason },
            'cannot ask remote_write target whether it is a Prometheus: because `future` is set, it is taken for none',
          );
          return this.#show(true);
        case 'silent':
          await sleep(backoffMs(++failures, MIN_WAIT_MS, MAX_WAIT_MS), undefined, { signal }).catch(() => {});
      }
    }
  }

  #shut(text: string): void {
    this.#problem = { text, sinceMs: this.#now() };
    this.#show(false);
  }

  #show(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#metrics.futureOpen.set({ target: this.#settings.name }, isOpen ? 1 : 0);
  }
}

/** Whether a target gives the time of samples as the reason of its refusal; Prometheus, Mimir and Cortex word it so. */
export function speaksOfTime(reason: string): boolean {
  return /future|out of bounds|too (new|far ahead)/i.test(reason);
}
