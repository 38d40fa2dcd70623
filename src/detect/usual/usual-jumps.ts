/** The last jumps, signed, in the unit of the series; when they came, in hours; and which comes next. */
const SIZE = 0;
const JUMPS = 4;
const HOURS = SIZE + JUMPS;
const NEXT = HOURS + JUMPS;
/** Steps since the last jump, while it may still be undone, and how far the series has moved since. */
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

  /** Takes in the change of each step: a jump that is undone soon was a spike. */
  follow(change: number): void {
    const state = this.#state;
    if (!(state[STEPS_SINCE]! > 0) || Number.isNaN(change)) return;
    const last = SIZE + ((state[NEXT]! + JUMPS - 1) % JUMPS);
    state[GONE_SINCE]! += change;
    if (state[GONE_SINCE]! / state[last]! < -0.5) {
      state[last] = 0;
      state[STEPS_SINCE] = 0;
    } else state[STEPS_SINCE]!--;
  }

  /** Whether a rare jump of this signed size is usual. Remembers it. */
  isUsual(size: number, timeMs: number): boolean {
    const state = this.#state;
    const nowHours = timeMs / HOUR_MS;
    let alike = 0;
    for (let i = 0; i < JUMPS; i++) {
      const before = state[SIZE + i]!;
      const isLate = nowHours - state[HOURS + i]! <= USUAL_HOURS;
      if (isLate && before * size > 0 && Math.abs(size) <= MAX_LARGER * Math.abs(before)) alike++;
    }
    const next = state[NEXT]!;
    state[SIZE + next] = size;
    state[HOURS + next] = nowHours;
    state[NEXT] = (next + 1) % JUMPS;
    state[STEPS_SINCE] = SPIKE_STEPS;
    state[GONE_SINCE] = 0;
    return alike >= USUAL_JUMPS;
  }

  /** The side from which the series is reset again and again, as a leak is: 1 above, −1 below, 0 none. */
  get resetsFrom(): number {
    const sizes = this.#state.subarray(SIZE, SIZE + JUMPS);
    const isReset = sizes.every((size) => size * sizes[0]! > 0 && Math.abs(size) <= MAX_LARGER * Math.abs(sizes[0]!));
    return isReset ? -Math.sign(sizes[0]!) : 0;
  }

  /** The level of the series has become `scale` times as large. */
  scale(scale: number): void {
    for (let i = SIZE; i < SIZE + JUMPS; i++) this.#state[i]! *= scale;
  }
}
