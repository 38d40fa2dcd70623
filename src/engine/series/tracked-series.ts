import type { ForecastCombination } from '../../detect/ahead/forecast-combination.js';
import { Alarms } from '../../detect/alarms.js';
import { Excursion } from '../../detect/excursion.js';
import { CALIBRATION_LENGTH, IntervalCalibration } from '../../detect/interval/interval-calibration.js';
import { IntervalCoverage } from '../../detect/interval/interval-coverage.js';
import { EventRate } from '../../detect/kinds/event-rate.js';
import { STILLNESS_LENGTH, StillRun } from '../../detect/kinds/stillness.js';
import { TWO_STATES_LENGTH, TwoStates } from '../../detect/kinds/two-states.js';
import { Detector, type StepKind } from '../../detect/score/detector.js';
import { DETECTOR_LENGTH } from '../../detect/score/detector-layout.js';
import { BusyPeriods } from '../../detect/usual/busy-periods.js';
import { UsualGaps } from '../../detect/usual/usual-gaps.js';
import { RANGE_LENGTH, UsualRange } from '../../detect/usual/usual-range.js';
import type { FittedModel } from '../../forecast/model/fitted-model.js';
import type { LevelShift } from '../../model/samples/level-shift.js';
import type { TimeSpan } from '../../model/samples/ring-view.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import type { Crossings } from './crossings-state.js';
import type { OpenShift } from './level-state.js';
import type { Missing } from './presence-state.js';
import type { PublishedAs } from './publish-state.js';

/** Of the detector, calibration, stillness, states and range, in this order. */
const LEARNT_LENGTH = DETECTOR_LENGTH + CALIBRATION_LENGTH + STILLNESS_LENGTH + TWO_STATES_LENGTH + RANGE_LENGTH;
const NO_SPANS: readonly TimeSpan[] = [];
/** Most series have none: they share it. */
const NO_CHANGES: readonly LevelShift[] = [];
const NO_FUTURE: Readonly<Record<string, number>> = {};

/**
 * What the engine keeps of one series beside its rings: the model, and what was last published of it. Every field that changes
 * is assigned in one file, the `*-state.ts` beside this one. `id` is the store's; a new series that gets a freed id gets a new
 * object, so that the result of a late fit is recognised by identity.
 */
export class TrackedSeries {
  readonly id: number;
  /** What has been learnt of how the series strays from its forecasts; it outlives the models. */
  readonly learnt: Float32Array;
  readonly detector: Detector;
  readonly calibration: IntervalCalibration;
  readonly stillness: StillRun;
  readonly states: TwoStates;
  readonly range: UsualRange;
  readonly busy = new BusyPeriods();
  readonly eventRate = new EventRate();
  /** For how many hours it has been drifting away from what it was a week ago. */
  driftHours = 0;
  readonly coverage = new IntervalCoverage();
  readonly excursion = new Excursion();
  readonly gaps = new UsualGaps();
  readonly alarms = new Alarms();
  /** Its newest sample at its last evaluation, but no earlier than its first evaluation; NaN before that. */
  lastSampleMs = Number.NaN;
  missing: Missing | undefined;
  /** Time of the newest sample that an evaluation has found; NaN before the first. */
  arrivedUntilMs = Number.NaN;
  /** The greatest and the least lateness of the last arrivals, in steps (see arrival-state.ts). */
  latestSteps = 0;
  earliestSteps = 0;
  /** How many arrivals in a row came far before the greatest lateness; not kept over a restart. */
  promptArrivals = 0;
  /** Level shifts that were accepted, in order of time: the history before each is moved by it. Replaced, never altered. */
  levelShifts: readonly LevelShift[] = NO_CHANGES;
  /** When the last one was accepted; NaN if it was reverted. */
  levelAcceptedAtMs = Number.NaN;
  /** A level shift that may still be reverted. */
  openShift: OpenShift | undefined;
  /** When the series was at a level that does not hold: excluded from fits. Replaced, never altered. */
  excludedSpans: readonly TimeSpan[] = NO_SPANS;
  model: FittedModel | undefined;
  /**
   * While the series is off, the model from before: fits since then may have learnt what is not known to be a new level. Not
   * kept over a restart.
   */
  modelBefore: FittedModel | undefined;
  /** How the model was made, for people. */
  fit:
    | {
        readonly optimizer: string;
        /** Number of values trained on, and the width of the buckets of which they are means. */
        readonly points: number;
        readonly resolutionMs: number;
        readonly fittedAtMs: number;
      }
    | undefined;
  /** Why the last fit failed, until one succeeds. */
  fitError: string | undefined;
  /** Failures in a row; each doubles the time to the next attempt. */
  fitFailures = 0;
  /** Newest sample when the model was fitted, and the span of the history then, in ms. */
  fittedUntilMs = Number.NEGATIVE_INFINITY;
  fittedSpanMs = 0;
  /** The options the model was made with. */
  fittedWith: ProphetSettings | undefined;
  /**
   * From here on samples may be missing that are still to be read from a database; −Infinity where all of the past is,
   * Infinity where nothing is.
   */
  incompleteFromMs = Number.POSITIVE_INFINITY;
  /** Timestamps of what was published last; nothing is published at or before them again. */
  lastForecastMs = Number.NEGATIVE_INFINITY;
  lastScoreMs = Number.NEGATIVE_INFINITY;
  lastMissingMs = Number.NEGATIVE_INFINITY;
  /** Up to where its curve of the future was written, by what is between the name of the source and the suffixes. */
  futureUntilMs: Readonly<Record<string, number>> = NO_FUTURE;
  /** End of the step that was scored last. */
  scoredUntilMs = Number.NEGATIVE_INFINITY;
  /** Score of that step; NaN where it had no value. */
  score = Number.NaN;
  /** Whether a step has been scored by a model: until then its limits are all it is scored by. */
  hasJudged = false;
  /** How far that step was from yhat, in σ; NaN where it had no value. */
  deviation = Number.NaN;
  /** What has been learnt of its forecasts by lead time; undefined until its first score. */
  combination: ForecastCombination | undefined;
  /** The names under which it is being published, until that is ended. */
  published: PublishedAs | undefined;
  /** The kind of the alarm that is being published; undefined where none is. */
  publishedKind: StepKind | undefined;
  /** When it reaches the limits of its rule, as that was worked out last. */
  crossings: Crossings | undefined;
  /** Time of a sample since which it comes without a break (see `noteOwnership`); NaN while it does not come. */
  presentSinceMs = Number.NaN;

  constructor(id: number) {
    this.id = id;
    // One buffer for all, because a small one takes more memory than it holds.
    const stillnessAt = DETECTOR_LENGTH + CALIBRATION_LENGTH;
    const statesAt = stillnessAt + STILLNESS_LENGTH;
    const rangeAt = statesAt + TWO_STATES_LENGTH;
    this.learnt = new Float32Array(LEARNT_LENGTH);
    this.detector = new Detector(this.learnt.subarray(0, DETECTOR_LENGTH));
    this.calibration = new IntervalCalibration(this.learnt.subarray(DETECTOR_LENGTH, stillnessAt));
    this.stillness = new StillRun(this.learnt.subarray(stillnessAt, statesAt));
    this.states = new TwoStates(this.learnt.subarray(statesAt, rangeAt));
    this.range = new UsualRange(this.learnt.subarray(rangeAt));
  }
}
