const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/**
 * Half-life of the drift: this time, or this many steps where that is longer. It never moves by more than one σ a step.
 */
const DRIFT_MS = 6 * 3_600_000;
const DRIFT_STEPS = 30;
/**
 * Half-life of the tails: this time, or this many steps where that is longer. Noise that changed for good is usual
 * after about a week.
 */
const HALF_LIFE_MS = 4 * 86_400_000;
const HALF_LIFE_STEPS = 200;
/** Half-life of thresholds in the usual threshold. */
const USUAL_MS = 14 * 86_400_000;
/** Half-life of the mean of the last hours: this time, or this many steps where that is longer. */
const LATELY_MS = 3 * 3_600_000;
const LATELY_STEPS = 3;
/**
 * The share of the steps of a usual series that may be above its threshold: one in 1,667 at a step of 5 minutes. With
 * finer steps it is fewer, but not in proportion, because large deviations of fine steps come in clusters.
 */
const RARITY_AT_5M = 0.0006;
const RARITY_EXPONENT = 0.4;
const MAX_RARITY = 0.01;
/** Below this step the share of rare single steps is in proportion to the step: more steps bring no more alarms a day. */
const FINE_STEP_MS = 60_000;
/**
 * A single step alone is an alarm only if it is expected once in this time: steps of a heavy tail do not come in
 * clusters.
 */
const SINGLE_MS = 28 * DAY_MS;
/** Half-life, in days, of what is usual at an hour of the day. */
const USUAL_CHANGE_DAYS = 4;
const MIN_CHANGES = 100;
const MIN_CHANGES_OF_HOUR = 20;

/**
 * How fast what a detector learns follows the series, and how rare an alarm has to be: it follows from the step alone.
 */
interface Gains {
  /** Shares by which the averages move with a step. */
  readonly drift: number;
  readonly lately: number;
  readonly usual: number;
  readonly change: number;
  readonly changeOfHour: number;
  /** How much more a step weighs in the tails than the one before. */
  readonly growth: number;
  /** The share of steps that may be above a threshold. */
  readonly rarity: number;
  /** The same for single steps, once a day has been seen: finer steps than a minute bring no more of them a day. */
  readonly singleRarity: number;
  /** How many steps are beyond that in `SINGLE_MS` if steps are independent. */
  readonly singles: number;
}

const gainsByStep = new Map<number, Gains>();

/** Worked out once for each step. */
export function gainsOf(stepMs: number): Gains {
  const known = gainsByStep.get(stepMs);
  if (known !== undefined) return known;
  const rarity = rarityAt(stepMs);
  const singleRarity = stepMs < FINE_STEP_MS ? (rarityAt(FINE_STEP_MS) * stepMs) / FINE_STEP_MS : rarity;
  const made = {
    drift: gain(DRIFT_MS, DRIFT_STEPS, stepMs),
    lately: gain(LATELY_MS, LATELY_STEPS, stepMs),
    usual: gain(USUAL_MS, 1, stepMs),
    change: gain(USUAL_CHANGE_DAYS * DAY_MS, MIN_CHANGES, stepMs),
    // Each hour of the day is observed for one hour a day.
    changeOfHour: gain(USUAL_CHANGE_DAYS * HOUR_MS, MIN_CHANGES_OF_HOUR, stepMs),
    growth: 2 ** (1 / Math.max(HALF_LIFE_STEPS, HALF_LIFE_MS / stepMs)),
    rarity,
    singleRarity,
    singles: Math.max(1, (singleRarity * SINGLE_MS) / stepMs),
  };
  gainsByStep.set(stepMs, made);
  return made;
}

function rarityAt(stepMs: number): number {
  return Math.min(MAX_RARITY, RARITY_AT_5M * (stepMs / 300_000) ** RARITY_EXPONENT);
}

/** The share by which an average moves with one step, so that its half-life is `halfMs`, or that many steps. */
function gain(halfMs: number, leastSteps: number, stepMs: number): number {
  return 1 - 2 ** -(1 / Math.max(leastSteps, halfMs / stepMs));
}
