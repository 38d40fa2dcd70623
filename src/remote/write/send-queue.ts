import type { QueuedRequest } from './queued-request.js';

/** Requests in the order they were queued, holding at most `capacity` samples. */
export class SendQueue {
  readonly #capacity: number;
  #requests: QueuedRequest[] = [];
  #sampleCount = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Samples in the queue. */
  get sampleCount(): number {
    return this.#sampleCount;
  }

  /** Adds a request. Returns how many of the oldest samples were dropped for it. */
  push(request: QueuedRequest): number {
    this.#requests.push(request);
    this.#sampleCount += request.sampleCount;
    let dropped = 0;
    while (this.#sampleCount > this.#capacity) dropped += this.shift()!.sampleCount;
    return dropped;
  }

  /** Removes and returns the oldest request. */
  shift(): QueuedRequest | undefined {
    const request = this.#requests.shift();
    this.#sampleCount -= request?.sampleCount ?? 0;
    return request;
  }
}
