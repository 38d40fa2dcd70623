import { decodeLabelBlock } from '../../model/labels/label-block.js';
import type { Labels } from '../../model/labels/labels.js';
import { compress, SnappyDecoder } from '../../wire/core/snappy.js';
import { indexWriteRequest, selectSeries, type WriteRequestIndex } from '../../wire/send/index-write-request.js';
import { upgradeWriteRequest } from '../../wire/send/upgrade-write-request.js';
import { Bisection } from './bisection.js';
import type { QueuedRequest } from './queued-request.js';

/** One request in delivery to one target: what to send next, as bytes. It is decoded only where needed. */
export class Delivery {
  readonly bisection: Bisection;
  readonly #request: QueuedRequest;
  #index: WriteRequestIndex | undefined;

  /** `probe`: see `Bisection`. */
  constructor(request: QueuedRequest, probe?: number) {
    this.#request = request;
    this.bisection = new Bisection(request.sampleCount, { probe });
  }

  /** Removes samples older than `limitMs` from the current part; returns how many. */
  dropOlderThan(limitMs: number): number {
    if (this.#request.oldestMs >= limitMs) return 0;
    const { timesMs } = this.#open();
    return this.bisection.retain((series) => timesMs[series]! >= limitMs);
  }

  /** The compressed body with these series. */
  body(series: readonly number[], protocol: '1.0' | '2.0'): Uint8Array {
    if (protocol === '2.0') return compress(upgradeWriteRequest(this.#open(), series));
    // Fast path: no part of the request was refused yet.
    if (series.length === this.#request.sampleCount) return this.#request.body;
    return compress(selectSeries(this.#open(), series));
  }

  /** Whether it is curves of the future that are sent. */
  get isFuture(): boolean {
    return this.#request.isFuture;
  }

  get madeMs(): number {
    return this.#request.madeMs;
  }

  newestMs(series: readonly number[]): number {
    if (series.length === this.#request.sampleCount) return this.#request.newestMs;
    const { timesMs } = this.#open();
    return series.reduce((newestMs, i) => Math.max(newestMs, timesMs[i]!), 0);
  }

  labels(series: number): Labels {
    const { bytes, labelsStarts, labelsEnds } = this.#open();
    return decodeLabelBlock(bytes, labelsStarts[series]!, labelsEnds[series]!);
  }

  #open(): WriteRequestIndex {
    if (this.#index === undefined) {
      const { body, sampleCount } = this.#request;
      this.#index = indexWriteRequest(new SnappyDecoder().decode(body, Number.POSITIVE_INFINITY), sampleCount);
    }
    return this.#index;
  }
}
