/*
 * Single steps that are far off are usual for some series: errors that come alone, spikes of a heavy tail. A series whose
 * last singles were as large has nothing to say with the next one; a third step in a row is another matter.
 */

/** The largest distance of the present alarm, in the unit of the series, and for how many steps usual singles were passed over. */
const PEAK = 0;
const PASSED_STEPS = 1;
/** How far off the last singles were, in the unit of the series; when, in hours; and which comes next. */
const SINGLE = 2;
const SINGLES = 6;
const SINGLE_HOURS = SINGLE + SINGLES;
const NEXT_SINGLE = SINGLE_HOURS + SINGLES;

/** Length of the state, in Float32. */
export const SINGLES_LENGTH = NEXT_SINGLE + 1;

const HOUR_MS = 3_600_000;
/** An alarm of so many steps is a single large deviation. */
const MAX_SINGLE_STEPS = 2;
/** Beyond its threshold by less than this factor, a single step is a weak one. */
const WEAK = 1.4;
/** So many singles of a sparse series have to be as large. */
const SPARSE_SINGLES = 3;
/** So long single steps in alarm are what others are measured by: where steps are fine, and of sparse series. */
const USUAL_HOURS = 7 * 24;
const SPARSE_USUAL_HOURS = 21 * 24;
const COARSE_STEP_MS = 300_000;
/** A single step in a sparse series is usual up to this multiple of the usual ones. */
const SPARSE_MARGIN = 2.2;

/** A step as far as its being a usual single goes. */
export interface SingleStep {
  /** |value − yhat|. */
  readonly off: number;
  readonly timeMs: number;
  readonly stepMs: number;
  /** Whether the series rests at one value most of the time. */
  readonly isSparse: boolean;
}

/** Knows the last steps of a series that were far off alone. */
export class UsualSingles {
  readonly #state: Float32Array;

  /** `state` is all there is to keep, and is written to. */
  constructor(state: Float32Array) {
    this.#state = state;
  }

  /**
   * Whether a step that is rare may pass, as one or two others before it did. `height` is how far it is beyond its
   * threshold, as a factor. To be called once for each step; `isOpen`: while an incident goes on nothing may pass.
   */
  passes(step: SingleStep, height: number, isRare: boolean, isOpen: boolean): boolean {
    const state = this.#state;
    const passes = isRare && !isOpen && state[PASSED_STEPS]! < MAX_SINGLE_STEPS && this.#isUsual(step, height);
    state[PASSED_STEPS] = passes ? state[PASSED_STEPS]! + 1 : isRare ? state[PASSED_STEPS]! : 0;
    return passes;
  }

  /** Remembers a step that passed, or an alarm that turns out to have been a single; `alarmMs` is how long it had lasted before this step. */
  note({ off, timeMs, stepMs }: SingleStep, isAlarm: boolean, passed: boolean, alarmMs: number): void {
    const state = this.#state;
    if (isAlarm) state[PEAK] = alarmMs === 0 ? off : Math.max(state[PEAK]!, off);
    const isOver = !isAlarm && alarmMs > 0 && alarmMs <= MAX_SINGLE_STEPS * stepMs;
    if (!isOver && !passed) return;
    const next = state[NEXT_SINGLE]!;
    state[SINGLE + next] = passed ? off : state[PEAK]!;
    state[SINGLE_HOURS + next] = timeMs / HOUR_MS;
    state[NEXT_SINGLE] = (next + 1) % SINGLES;
  }

  /**
   * Whether single steps of the series lately were as far off, in its own unit. Where it rests between events σ says nothing
   * of them, and the tail begins at rest and never reaches them: there the third largest counts, and as much again for a
   * number that is one higher. Elsewhere fine steps have many chances of being a little too far off.
   */
  #isUsual({ off, timeMs, stepMs, isSparse }: SingleStep, height: number): boolean {
    if (!isSparse && (height >= WEAK || stepMs >= COARSE_STEP_MS)) return false;
    const state = this.#state;
    const sinceHours = timeMs / HOUR_MS - (isSparse ? SPARSE_USUAL_HOURS : USUAL_HOURS);
    let asLarge = 0;
    for (let i = 0; i < SINGLES; i++) {
      if (state[SINGLE_HOURS + i]! < sinceHours) continue;
      if (!isSparse || SPARSE_MARGIN * state[SINGLE + i]! >= off) asLarge++;
    }
    return asLarge >= (isSparse ? SPARSE_SINGLES : 1);
  }
}
