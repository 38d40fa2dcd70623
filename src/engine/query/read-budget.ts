/** How much one request may ask for; every limit is inclusive. */
export interface ReadLimits {
  readonly maxReadSeries: number;
  readonly maxReadSamples: number;
  readonly readTimeoutMs: number;
}

/** Thrown for a request that asks for more than the limits allow; the message says which. */
export class ReadLimitError extends Error {
  override name = 'ReadLimitError';
}

/** What one request has left of its limits. */
export class ReadBudget {
  readonly #limits: ReadLimits;
  readonly #hasLeft: () => boolean;
  readonly #endMs: number;
  #series = 0;
  #samples = 0;

  /** `hasLeft` says whether the client is gone: nothing is computed for it any more. */
  constructor(limits: ReadLimits, hasLeft: () => boolean = () => false) {
    this.#limits = limits;
    this.#hasLeft = hasLeft;
    this.#endMs = performance.now() + limits.readTimeoutMs;
  }

  /** Throws `ReadLimitError`, as the others do. */
  takeSeries(): void {
    const { maxReadSeries } = this.#limits;
    if (++this.#series > maxReadSeries) {
      throw new ReadLimitError(`the query selects more than ${maxReadSeries} series: narrow its matchers`);
    }
  }

  takeSamples(count: number): void {
    const { maxReadSamples } = this.#limits;
    this.#samples += count;
    if (this.#samples > maxReadSamples) {
      throw new ReadLimitError(
        `the query needs more than ${maxReadSamples} samples: narrow its matchers or its range, or raise its step`,
      );
    }
  }

  checkTime(): void {
    if (this.#hasLeft()) throw new ReadLimitError('the client closed the connection');
    if (performance.now() < this.#endMs) return;
    throw new ReadLimitError(`the query took longer than ${this.#limits.readTimeoutMs} ms: narrow its matchers`);
  }
}
