/** For how many steps usual singles were passed over, and when the last singles were, in hours, the newest first. */
const PASSED_STEPS = 0;
const LAST_SINGLES = 1;
const SINGLES = 3;
/** Length of the state, in Float32. */
export const SINGLES_LENGTH = LAST_SINGLES + SINGLES;

const HOUR_MS = 3_600_000;
/** An alarm of so many steps is a single large deviation. */
const MAX_SINGLE_STEPS = 2;
/** So long another single is usual after one, where steps are fine. */
const USUAL_HOURS = 7 * 24;
const COARSE_STEP_MS = 300_000;
/** Up to this multiple of its threshold it is weak, and up to this one where as many as are remembered came in that time. */
const WEAK = 1.4;
const WEAK_AMONG_MANY = 2;

/**
 * Fine steps have many chances of being a little too far off: of a heavy tail one is every few days. After one the next has
 * nothing to say; a third step in a row is another matter.
 */
export class UsualSingles {
  readonly #state: Float32Array;

  /** `state` is all there is to keep, and is written to. */
  constructor(state: Float32Array) {
    this.#state = state;
  }

  /**
   * Whether a step that is rare may pass, because alone it says nothing. `height` is by what factor it is beyond its
   * threshold, `mostHeight` by which one step in a month is. While an incident is open nothing passes. To be called once for
   * each step.
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

  /** Takes in that an alarm is over which had lasted for so long. */
  end(alarmMs: number, timeMs: number, stepMs: number): void {
    if (alarmMs <= MAX_SINGLE_STEPS * stepMs) this.#note(timeMs);
  }

  #note(timeMs: number): void {
    this.#state.copyWithin(LAST_SINGLES + 1, LAST_SINGLES, LAST_SINGLES + SINGLES - 1);
    this.#state[LAST_SINGLES] = timeMs / HOUR_MS;
  }
}
