/** How many steps usual singles were passed for, and when the last singles were, in hours, newest first. */
const PASSED_STEPS = 0;
const LAST_SINGLES = 1;
const SINGLES = 3;
/** Length of the state, in Float32. */
export const SINGLES_LENGTH = LAST_SINGLES + SINGLES;

const HOUR_MS = 3_600_000;
/** An alarm of up to this many steps is a single large deviation. */
const MAX_SINGLE_STEPS = 2;
/** With fine steps, another single is usual for this long after one. */
const USUAL_HOURS = 7 * 24;
const COARSE_STEP_MS = 300_000;
/**
 * A single is weak up to this multiple of its threshold, and up to the second where all remembered singles came in that
 * time.
 */
const WEAK = 1.4;
const WEAK_AMONG_MANY = 2;

/**
 * With fine steps there are many chances to be a little too far off: with a heavy tail it happens every few days. After
 * one such single the next is no alarm; a third step in a row is one.
 */
export class UsualSingles {
  readonly #state: Float32Array;

  /** `state` is all there is to keep, and is written to. */
  constructor(state: Float32Array) {
    this.#state = state;
  }

  /**
   * Whether a rare step may pass because it means nothing alone. `height` is the factor by which it exceeds its
   * threshold, `mostHeight` the factor that one step in a month exceeds. Nothing passes while an incident is open. Call
   * it once for each step.
   */
  passes(
    timeMs: number,
    stepMs: number,
    height: number,
    mostHeight: number,
    isRare: boolean,
    isOpen: boolean,
  ): boolean {
    const state = this.#state;
    const sinceHours = timeMs / HOUR_MS - USUAL_HOURS;
    const isAmongMany = state[LAST_SINGLES + SINGLES - 1]! >= sinceHours;
    const isAfterOne = state[LAST_SINGLES]! >= sinceHours && stepMs < COARSE_STEP_MS;
    const isUsual = (isAfterOne && height < WEAK) || (isAmongMany && height < Math.min(WEAK_AMONG_MANY, mostHeight));
    const passes = isRare && isUsual && !isOpen && state[PASSED_STEPS]! < MAX_SINGLE_STEPS;
    if (passes) {
      state[PASSED_STEPS]!++;
      this.#note(timeMs);
    } else if (!isRare) state[PASSED_STEPS] = 0;
    return passes;
  }

  /** Takes in the end of an alarm that lasted for this long. */
  end(alarmMs: number, timeMs: number, stepMs: number): void {
    if (alarmMs <= MAX_SINGLE_STEPS * stepMs) this.#note(timeMs);
  }

  #note(timeMs: number): void {
    this.#state.copyWithin(LAST_SINGLES + 1, LAST_SINGLES, LAST_SINGLES + SINGLES - 1);
    this.#state[LAST_SINGLES] = timeMs / HOUR_MS;
  }
}
