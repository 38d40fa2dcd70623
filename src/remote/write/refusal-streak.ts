/** Requests refused whole in a row after which the target is taken to refuse everything. */
const REQUESTS_BEFORE_SUSPICION = 3;

/**
 * Requests of which a target accepted nothing, one after another. A few of them may each have been bad as a whole; after
 * that the target is what is wrong, and taking further requests apart would only load it.
 */
export class RefusalStreak {
  #requests = 0;
  /** Refusals in a row, of requests or parts of them: what the pace goes by. */
  #refusals = 0;
  #lostSamples = 0;

  get refusals(): number {
    return this.#refusals;
  }

  get lostSamples(): number {
    return this.#lostSamples;
  }

  /** Whether the target refuses everything, as far as is known. */
  get isRefusingAll(): boolean {
    return this.#requests >= REQUESTS_BEFORE_SUSPICION;
  }

  /** Which series of the next request is sent alone, if that is refused; each time another one, because one may be bad. */
  get probe(): number | undefined {
    return this.isRefusingAll ? this.#requests : undefined;
  }

  /** The target refused a request or a part of one, and `lost` samples with it. */
  refused(lost: number): void {
    this.#refusals++;
    this.#lostSamples += lost;
  }

  /** A request was refused whole. Returns whether it is the one by which the target is taken to refuse everything. */
  endRequest(): boolean {
    this.#requests++;
    return this.#requests === REQUESTS_BEFORE_SUSPICION;
  }

  /** The target accepted something. */
  end(): void {
    this.#requests = 0;
    this.#refusals = 0;
    this.#lostSamples = 0;
  }
}
