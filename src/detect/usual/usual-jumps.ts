/** The last jumps, signed, in the unit of the series; when they came, in hours; and which comes next. */
const SIZE = 0;
const JUMPS = 5;
const HOURS = SIZE + JUMPS;
const NEXT = HOURS + JUMPS;
/** For how many more steps the last jump may be undone, and how far the series has moved since. */
const STEPS_SINCE = NEXT + 1;
const GONE_SINCE = NEXT + 2;
/** Length of the state, in Float32. */
export const JUMPS_LENGTH = NEXT + 3;

const HOUR_MS = 3_600_000;
/** A jump that came this often in this many days is usual up to this multiple of its size. */
const USUAL_JUMPS = 3;
const USUAL_HOURS = 21 * 24;
const MAX_LARGER = 1.5;
/** A jump that is half undone within so many steps was a spike. */
const SPIKE_STEPS = 20;
/** If more than half of the resets come within this time of the day, in hours, the daily season can predict them. */
const SAME_HOURS = 1;

/**
 * Jumps between two usual values, such as the reset of a leak or the start of a machine: from the third such jump on
 * they are usual.
 */
export class UsualJumps {
  readonly #state: Float32Array;

  /** `state` is all there is to keep, and is written to. */
  constructor(state: Float32Array) {
    this.#state = state;
  }

  /** Takes in the change of each step. Returns whether it undoes the last jump, which was a spike then. */
  follow(change: number): boolean {
    const state = this.#state;
    if (!(state[STEPS_SINCE]! > 0) || Number.isNaN(change)) return false;
    const last = SIZE + ((state[NEXT]! + JUMPS - 1) % JUMPS);
    state[GONE_SINCE]! += change;
    if (state[GONE_SINCE]! / state[last]! < -0.5) {
      state[last] = 0;
      // The next jump takes its place, so that spikes do not push out what was remembered.
      state[NEXT] = last - SIZE;
      state[STEPS_SINCE] = 0;
      return true;
    }
    state[STEPS_SINCE]!--;
    return false;
  }

  /** Whether a jump of this signed size is usual. Remembers it. */
  isUsual(size: number, timeMs: number): boolean {
    const state = this.#state;
    let alike = 0;
    for (let i = 0; i < JUMPS; i++) {
      const before = state[SIZE + i]!;
      if (this.#isLate(i, timeMs) && before * size > 0 && Math.abs(size) <= MAX_LARGER * Math.abs(before)) alike++;
    }
    const next = state[NEXT]!;
    state[SIZE + next] = size;
    state[HOURS + next] = timeMs / HOUR_MS;
    state[NEXT] = (next + 1) % JUMPS;
    state[STEPS_SINCE] = SPIKE_STEPS;
    state[GONE_SINCE] = 0;
    return alike >= USUAL_JUMPS;
  }

  /** The side from which the series is reset again and again, as a leak is: 1 above, −1 below, 0 none. */
  resetsFrom(timeMs: number): number {
    const state = this.#state;
    let first = 0;
    let known = 0;
    for (let i = 0; i < JUMPS; i++) {
      const size = state[SIZE + i]!;
      if (size === 0 || !this.#isLate(i, timeMs)) continue;
      if (first === 0) first = size;
      else if (!(size * first > 0 && Math.abs(size) <= MAX_LARGER * Math.abs(first))) return 0;
      known++;
    }
    return known > USUAL_JUMPS ? -Math.sign(first) : 0;
  }

  /** Whether a series is reset again and again at no fixed time of the day, so that the daily season cannot predict it. */
  resetsAnytime(timeMs: number): boolean {
    if (this.resetsFrom(timeMs) === 0) return false;
    const hours: number[] = [];
    for (let i = 0; i < JUMPS; i++)
      if (this.#state[SIZE + i] !== 0 && this.#isLate(i, timeMs)) hours.push(this.#state[HOURS + i]! % 24);
    const near = (hour: number) => hours.filter((other) => (other - hour + 24) % 24 < SAME_HOURS).length;
    return Math.max(...hours.map(near)) <= hours.length / 2;
  }

  #isLate(i: number, timeMs: number): boolean {
    return timeMs / HOUR_MS - this.#state[HOURS + i]! <= USUAL_HOURS;
  }

  /** The level of the series has become `scale` times as large. */
  scale(scale: number): void {
    for (let i = SIZE; i < SIZE + JUMPS; i++) this.#state[i]! *= scale;
  }
}
