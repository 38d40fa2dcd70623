/** So many of the last events tell how often they come now. */
const EVENTS = 12;
/** They come too often where so many are usual in the time that `EVENTS` took, at most: by chance once in 70,000. */
const TOO_FEW = 2.6;
/** And as usual again where these are more. */
const USUAL_AGAIN = 5;
/** Events come in flocks where the mean square of their gaps is more than so many squares of the mean: by chance it is 2. */
const FLOCK = 4.5;
const GAP_GAIN = 1 / 20;
/** Of fewer events it is not known how often they come. */
const MIN_EVENTS = 4;
/** What was this long ago counts half in how often they usually come. */
const HALF_LIFE_MS = 7 * 86_400_000;
/** A higher rate is an incident for this long; then it is learnt as the usual one, whatever `accept_after` is. */
const HABITUATION_MS = 3 * 86_400_000;

/**
 * How often the events of a series come that rests between them. A single one of them is nothing, whatever the hour; that
 * they come five times as often as they did is.
 */
export class EventRate {
  /** Times of the last events, newest last; empty where the series does not rest. */
  #timesMs: readonly number[] = [];
  /** Events and time seen, decayed, and how many events in all. */
  #events = 0;
  #seenMs = 0;
  #count = 0;
  /** Since when they have come too often; NaN where they do not. */
  #sinceMs = Number.NaN;
  /** Means of the time from event to event, and of its square, in hours. */
  #gap = 0;
  #gapSquare = 0;

  /** Takes in the next step: whether an event begins in it. Returns whether events come too often. */
  next(isEvent: boolean, timeMs: number, stepMs: number): boolean {
    const isOften = !Number.isNaN(this.#sinceMs);
    const isLearnt = !isOften || timeMs - this.#sinceMs > HABITUATION_MS;
    if (isLearnt) {
      const keep = 2 ** (-stepMs / HALF_LIFE_MS);
      this.#seenMs = this.#seenMs * keep + stepMs;
      this.#events = this.#events * keep + Number(isEvent);
    }
    if (isEvent) {
      const gap = (timeMs - (this.#timesMs.at(-1) ?? timeMs)) / 3_600_000;
      if (isLearnt && gap > 0) {
        const share = Math.max(GAP_GAIN, 1 / this.#count);
        this.#gap += share * (gap - this.#gap);
        this.#gapSquare += share * (gap ** 2 - this.#gapSquare);
      }
      this.#timesMs = [...this.#timesMs, timeMs].slice(-EVENTS);
      this.#count++;
    }
    if (this.#timesMs.length < EVENTS || this.#count < MIN_EVENTS + EVENTS) return false;
    const usual = ((timeMs + stepMs - this.#timesMs[0]!) / this.#seenMs) * this.#events;
    const isFlock = this.#gapSquare > FLOCK * this.#gap ** 2;
    if (isOften ? usual > USUAL_AGAIN : usual >= TOO_FEW || isFlock) this.#sinceMs = Number.NaN;
    else if (!isOften) this.#sinceMs = timeMs;
    return !Number.isNaN(this.#sinceMs);
  }

  /** All there is to keep of it. */
  get state(): readonly number[] {
    return [this.#events, this.#seenMs, this.#count, this.#sinceMs, this.#gap, this.#gapSquare, ...this.#timesMs];
  }

  set state([
    events = 0,
    seenMs = 0,
    count = 0,
    sinceMs = Number.NaN,
    gap = 0,
    gapSquare = 0,
    ...timesMs
  ]: readonly number[]) {
    this.#events = events;
    this.#seenMs = seenMs;
    this.#count = count;
    this.#sinceMs = sinceMs;
    this.#gap = gap;
    this.#gapSquare = gapSquare;
    this.#timesMs = timesMs;
  }
}
