/** The ratio compares this multiple of the usual rate with the usual rate itself. It finds half of that rise, or twice, a little later. */
const RATIO = 4;
/** A raised rate began at one of the last events; it shows in this many gaps between them at least. */
const EVENTS = 21;
const MIN_GAPS = 4;
/**
 * By chance a usual rate is taken for a raised one once in so many days at most, or in so many events where these are rare; in
 * simulations once in two to six times as many.
 */
const FALSE_ALARM_DAYS = 7;
const FALSE_ALARM_EVENTS = 30;
/**
 * Events are clustered where the mean square of their gaps is more than this multiple of the squared mean: by chance it
 * is 2.
 */
const FLOCK = 3.5;
/** Share by which the means of the gaps follow with each. If it were larger, a rise would look like a cluster. */
const GAP_GAIN = 1 / 60;
/** The usual rate needs at least this many events. */
const MIN_EVENTS = 5;
/** Nothing is reported before the series has had this many events in all. */
const MIN_COUNT = 12;
const DAY_MS = 86_400_000;
/** Half-life of the usual rate. */
const HALF_LIFE_MS = 7 * DAY_MS;
/**
 * A raised rate is an incident for this long, or for as long as the usual one is known; then it is the usual one, whatever
 * `accept_after` is.
 */
const HABITUATION_MS = 3 * DAY_MS;

/**
 * The logarithm of how many times likelier gaps that took so long are at the raised rate than at the usual one. That follows from
 * the events known before, and is as uncertain as these are few: with n events in the time S its distribution is a gamma
 * distribution, and the ratio for m gaps in the time T is
 *
 *     RATIO^m · ((S + T) / (S + RATIO · T))^(n + m).
 *
 * By chance it exceeds c once in c events at most.
 */
function logRatio(gaps: number, tookMs: number, known: number, knownMs: number): number {
  return gaps * Math.log(RATIO) - (known + gaps) * Math.log((knownMs + RATIO * tookMs) / (knownMs + tookMs));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

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
    if (timeMs - this.#sinceMs > Math.min(HABITUATION_MS, this.#seenMs)) this.#accept(timeMs);
    const isOften = !Number.isNaN(this.#sinceMs);
    if (!isOften) {
      const keep = 2 ** (-stepMs / HALF_LIFE_MS);
      this.#seenMs = this.#seenMs * keep + stepMs;
      this.#events = this.#events * keep + Number(isEvent);
    }
    if (isEvent) {
      const gap = (timeMs - (this.#timesMs.at(-1) ?? timeMs)) / 3_600_000;
      if (!isOften && gap > 0) {
        const share = Math.max(GAP_GAIN, 1 / this.#count);
        this.#gap += share * (gap - this.#gap);
        this.#gapSquare += share * (gap ** 2 - this.#gapSquare);
      }
      this.#timesMs = [...this.#timesMs, timeMs].slice(-EVENTS);
      this.#count++;
    }
    if (this.#count < MIN_COUNT) return false;
    const isFlock = this.#gapSquare > FLOCK * this.#gap ** 2;
    if (!isOften) {
      if (isEvent && !isFlock) this.#lookForRise(timeMs, timeMs + stepMs);
    } else if (isFlock) this.#sinceMs = Number.NaN;
    else this.#lookForEnd(timeMs + stepMs);
    return !Number.isNaN(this.#sinceMs);
  }

  /** From now on the rate of the last events is the usual one. */
  #accept(timeMs: number): void {
    this.#sinceMs = Number.NaN;
    this.#events = this.#timesMs.length - 1;
    this.#seenMs = timeMs - this.#timesMs[0]!;
    const gaps = this.#timesMs.slice(1).map((atMs, i) => (atMs - this.#timesMs[i]!) / 3_600_000);
    this.#gap = meanOf(gaps);
    this.#gapSquare = meanOf(gaps.map((gap) => gap ** 2));
  }

  /** Looks at each of the last events for the one with which a raised rate began, as a cumulative sum does (Lorden 1971). */
  #lookForRise(timeMs: number, nowMs: number): void {
    const enough = this.#enough;
    for (let gaps = MIN_GAPS; gaps < this.#timesMs.length; gaps++) {
      const tookMs = nowMs - this.#timesMs.at(-1 - gaps)!;
      const known = this.#events - gaps - 1;
      const beforeMs = this.#seenMs - tookMs;
      if (known < MIN_EVENTS || beforeMs <= 0) return;
      if (logRatio(gaps, tookMs, known, beforeMs) <= enough) continue;
      this.#sinceMs = timeMs;
      // A raised rate is not learnt.
      this.#events = known;
      this.#seenMs = beforeMs;
      return;
    }
  }

  /** What `logRatio` has to be for a rate to be raised. */
  get #enough(): number {
    const perDay = (this.#events / this.#seenMs) * DAY_MS;
    return Math.log(Math.max(FALSE_ALARM_EVENTS, FALSE_ALARM_DAYS * perDay));
  }

  /**
   * Ends the alarm if the gaps since one of the events, the open gap included, show the usual rate as plainly as a rise has to show.
   * Only events since the rise was found count: the gaps before it are usual ones. Events of the rise are forgotten, so that they
   * do not make another one.
   */
  #lookForEnd(nowMs: number): void {
    const enough = this.#enough;
    const end = this.#timesMs.findIndex((fromMs, i) => {
      if (fromMs < this.#sinceMs) return false;
      const gaps = this.#timesMs.length - 1 - i;
      return -logRatio(gaps, nowMs - fromMs, this.#events, this.#seenMs) > enough;
    });
    if (end < 0) return;
    this.#sinceMs = Number.NaN;
    this.#timesMs = this.#timesMs.slice(end);
    this.#events += this.#timesMs.length - 1;
    this.#seenMs += nowMs - this.#timesMs[0]!;
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
