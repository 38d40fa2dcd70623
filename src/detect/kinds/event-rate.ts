/** How often events come now is measured over the last 12 events, and over 5 at least. */
const EVENTS = 12;
const MIN_RECENT = 5;
/**
 * The rate is too high where fewer events than these are usual in the time of the last 5, 6 … 12: by chance once in
 * 10,000 events.
 */
const TOO_FEW = [0.38, 0.63, 0.92, 1.26, 1.62, 2.01, 2.42, 2.85];
/** The rate is usual again where more events than this are usual in the time of the last 12. */
const USUAL_AGAIN = 5;
/**
 * Events are clustered where the mean square of their gaps is more than this multiple of the squared mean: by chance it
 * is 2.
 */
const FLOCK = 3.5;
const GAP_GAIN = 1 / 20;
/** The usual rate needs at least this many events. */
const MIN_EVENTS = 6;
/** Half-life of the usual rate. */
const HALF_LIFE_MS = 7 * 86_400_000;
/** A higher rate is an incident for this long; then it is learnt as the usual one, whatever `accept_after` is. */
const HABITUATION_MS = 3 * 86_400_000;

/**
 * The rate of events where a series rests between them. A single event is no alarm at any hour; five times the usual
 * rate is one.
 */
export class EventRate {
  /** Times of the last events, newest last; empty where the series does not rest. */
  #timesMs: readonly number[] = [];
  /** Events and time observed, decayed, and the number of events in all. */
  #events = 0;
  #seenMs = 0;
  #count = 0;
  /** Since when the rate has been too high; NaN where it is not. */
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
    if (this.#timesMs.length < EVENTS || this.#count < EVENTS) return false;
    const nowMs = timeMs + stepMs;
    const fromMs = this.#timesMs[0]!;
    // The usual rate is that of the time before, because the present one is judged by it. A raised rate is not learnt.
    const recent = isOften ? 0 : EVENTS - 1;
    const known = this.#events - recent;
    if (known < MIN_EVENTS) return false;
    // With few events the true rate may be a little higher.
    const perMs = (known + Math.sqrt(known) / 2) / (this.#seenMs - (isOften ? 0 : nowMs - fromMs));
    const usualSince = (sinceMs: number) => (nowMs - sinceMs) * perMs;
    const usual = usualSince(fromMs);
    const isFew = TOO_FEW.some((few, i) => usualSince(this.#timesMs.at(-(MIN_RECENT + i))!) < few);
    const isFlock = this.#gapSquare > FLOCK * this.#gap ** 2;
    if (isOften ? usual > USUAL_AGAIN || isFlock : !isFew || isFlock) this.#sinceMs = Number.NaN;
    else if (!isOften) this.#sinceMs = timeMs;
    return !Number.isNaN(this.#sinceMs);
  }

  /** The whole state, for snapshots. */
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
