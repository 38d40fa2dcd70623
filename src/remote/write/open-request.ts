import type { Label } from '../../model/labels/labels.js';
import { Encoded, WriteRequestEncoder } from '../../wire/send/encode-write-request.js';
import { takeRequest } from './queued-request.js';
import type { RemoteTarget } from './remote-target.js';

/** A request's decoded size at which it is full, whatever its samples: receivers commonly refuse more than 32 MiB. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

/** The request being filled for targets with the same request size: `isFuture`, with curves, each whole. */
export class OpenRequest {
  readonly #targets: readonly RemoteTarget[];
  readonly #maxSamples: number;
  readonly #deadlineMs: number;
  readonly #encoder: WriteRequestEncoder;
  readonly #isFuture: boolean;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** `targets`: at least one; all have the same `maxSamplesPerSend` and `batchSendDeadlineMs`. */
  constructor(targets: readonly RemoteTarget[], isFuture: boolean, now: () => number) {
    const { maxSamplesPerSend, batchSendDeadlineMs } = targets[0]!.settings;
    this.#targets = targets;
    this.#maxSamples = maxSamplesPerSend;
    this.#deadlineMs = batchSendDeadlineMs;
    this.#isFuture = isFuture;
    this.#now = now;
    this.#encoder = new WriteRequestEncoder(maxSamplesPerSend, { repeats: isFuture });
  }

  /** Adds a sample (no value: the stale marker) of a derived series; false where there is no such series. */
  append(
    block: Uint8Array,
    nameSuffix: string,
    extra: Label | undefined,
    timeMs: number,
    value: number | undefined,
  ): boolean {
    const encoder = this.#encoder;
    let encoded = encoder.append(block, nameSuffix, extra, timeMs, value);
    if (encoded === Encoded.seriesTwice) {
      this.flush();
      encoded = encoder.append(block, nameSuffix, extra, timeMs, value);
    }
    if (encoded === Encoded.noSuchSeries) return false;
    if (encoder.sampleCount >= this.#maxSamples || encoder.byteLength >= MAX_REQUEST_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#deadlineMs).unref();
    return true;
  }

  /** Queues what is in it for every target, and begins another request. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#encoder.sampleCount === 0) return;
    const request = takeRequest(this.#encoder, this.#now(), this.#isFuture);
    this.#encoder.reset();
    for (const target of this.#targets) target.enqueue(request);
  }
}
