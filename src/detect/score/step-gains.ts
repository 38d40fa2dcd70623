const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The drift goes half of the way in this time, or in so many steps where that is longer, and never faster than by a σ. */
const DRIFT_MS = 6 * 3_600_000;
const DRIFT_STEPS = 30;
/**
 * What was seen this long ago, or so many steps where that is longer, counts half: a noise that changed for good is the
 * usual one after about a week.
 */
const HALF_LIFE_MS = 4 * 86_400_000;
const HALF_LIFE_STEPS = 200;
/** Thresholds of this long ago count half in the usual one. */
const USUAL_MS = 14 * 86_400_000;
/** The mean of the last hours takes half of its weight from this time, or from this many steps if that is longer. */
const LATELY_MS = 3 * 3_600_000;
const LATELY_STEPS = 3;
/**
 * One step in how many may be above the threshold of a usual series: one in 1,667 at a step of 5 minutes. Finer steps
 * are allowed fewer, but not in proportion, because large deviations of fine steps come in clusters.
 */
const RARITY_AT_5M = 0.0006;
const RARITY_EXPONENT = 0.4;
const MAX_RARITY = 0.01;
/** A single step alone has to be so rare that it comes once in this time: steps of a heavy tail do not come in clusters. */
const SINGLE_MS = 28 * DAY_MS;
/** What was usual at an hour this many days ago counts half. */
const USUAL_CHANGE_DAYS = 4;
const MIN_CHANGES = 100;
const MIN_CHANGES_OF_HOUR = 20;

/** How fast what a detector learns follows the series, and how rare an alarm has to be: it follows from the step alone. */
interface Gains {
  /** Shares by which the averages move with a step. */
  readonly drift: number;
  readonly lately: number;
  readonly usual: number;
  readonly change: number;
  readonly changeOfHour: number;
  /** How much more a step weighs in the tails than the one before. */
  readonly growth: number;
  /** The share of steps that may be in alarm. */
  readonly rarity: number;
  /** How often, by that, a step is beyond in `SINGLE_MS`, if steps have nothing to do with each other. */
  readonly singles: number;
}

const gainsByStep = new Map<number, Gains>();

/** Worked out once for each step. */
export function gainsOf(stepMs: number): Gains {
  const known = gainsByStep.get(stepMs);
  if (known !== undefined) return known;
  const rarity = Math.min(MAX_RARITY, RARITY_AT_5M * (stepMs / 300_000) ** RARITY_EXPONENT);
  const made = {
    drift: gain(DRIFT_MS, DRIFT_STEPS, stepMs),
    lately: gain(LATELY_MS, LATELY_STEPS, stepMs),
    usual: gain(USUAL_MS, 1, stepMs),
    change: gain(USUAL_CHANGE_DAYS * DAY_MS, MIN_CHANGES, stepMs),
    // An hour of the day is seen for an hour a day.
    changeOfHour: gain(USUAL_CHANGE_DAYS * HOUR_MS, MIN_CHANGES_OF_HOUR, stepMs),
    growth: 2 ** (1 / Math.max(HALF_LIFE_STEPS, HALF_LIFE_MS / stepMs)),
    rarity,
    singles: Math.max(1, (rarity * SINGLE_MS) / stepMs),
  };
  gainsByStep.set(stepMs, made);
  return made;
}

/** By what share of the way an average moves with one step, so that it goes half of it in `halfMs`, or in so many steps. */
function gain(halfMs: number, leastSteps: number, stepMs: number): number {
  return 1 - 2 ** -(1 / Math.max(leastSteps, halfMs / stepMs));
}
