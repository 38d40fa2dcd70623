import type { Samples } from '../../model/samples/columns.js';
import {
  type RingView,
  readRing,
  roundingOf,
  type TimeSpan,
  type TrainingView,
} from '../../model/samples/ring-view.js';
import { moveHistory } from '../model/move-level.js';

/** What a model is trained on. */
export interface TrainingData {
  readonly samples: Samples;
  /** The ring it was read from. */
  readonly source: 'history' | 'steps';
  /** Mean variance of single steps around the values of `samples`, in squared units of the series. */
  readonly stepVariance: number;
}

/** A history of fewer buckets says less than the steps of the last hours do. */
const MIN_HISTORY_BUCKETS = 64;
const MIN_KEPT_SHARE = 0.75;
/** With fewer values left than this, what is excluded is all there is. */
const MIN_KEPT_VALUES = 10;
const DAY_MS = 86_400_000;

/**
 * Reads what a series is to be trained on: its history, or, as long as that has fewer than 64 buckets, or fewer than the
 * steps ring where the steps ring reaches back as far, the steps themselves. All of it at the present level.
 */
export function readTrainingData(view: TrainingView): TrainingData {
  const history = readRing(view.coarse);
  const steps = readRing(view.fine);
  const stepsReachAsFar = steps.values.length > 0 && steps.timesMs[0]! - view.coarse.widthMs <= history.timesMs[0]!;
  const tooFew =
    history.values.length < MIN_HISTORY_BUCKETS || (stepsReachAsFar && history.values.length < steps.values.length);
  if (tooFew && steps.values.length > history.values.length)
    return { samples: prepare(steps, view.fine.widthMs, view), source: 'steps', stepVariance: 0 };
  const samples = prepare(history, view.coarse.widthMs, view);
  return {
    samples,
    source: 'history',
    stepVariance: view.withinBucketVariance + leastRounding(view.coarse, samples) ** 2,
  };
}

/** The smallest rounding error of the means. A series that never varies has no other noise. */
function leastRounding(history: RingView, { values }: Samples): number {
  return values.reduce((least, value) => Math.min(least, roundingOf(history, value)), Number.POSITIVE_INFINITY);
}

/** The samples at the present level, without excluded spans. */
function prepare(
  samples: Samples,
  widthMs: number,
  { levelShifts, excluded = [], suspect = [] }: TrainingView,
): Samples {
  const all = moveHistory(samples, levelShifts);
  // A bucket in which the level changed is of neither.
  const changes = levelShifts?.map(({ atMs }) => ({ fromMs: atMs, toMs: atMs })) ?? [];
  const known = without(all, [...excluded, ...changes], widthMs);
  const moved = known.values.length < MIN_KEPT_VALUES ? all : known;
  const usual = without(moved, suspect, widthMs);
  const unheardOf = suspect.filter((span) => isUnheardOf(moved, span, usual));
  if (unheardOf.length === 0) return moved;
  const kept = without(moved, unheardOf, widthMs);
  // A series that is mostly in alarm can only be learnt from its alarms.
  return kept.values.length < MIN_KEPT_SHARE * moved.values.length ? moved : kept;
}

/** The samples, means over buckets of `widthMs`, of which no part lies in one of the spans. */
function without(samples: Samples, spans: readonly TimeSpan[], widthMs: number): Samples {
  if (spans.length === 0) return samples;
  const half = widthMs / 2;
  return only(samples, (timeMs) => !spans.some(({ fromMs, toMs }) => timeMs + half > fromMs && timeMs - half < toMs));
}

/**
 * Whether most values of a span are beyond all that was usual in the day before it. What is not may be the model's fault,
 * and is the more to be learnt from.
 */
function isUnheardOf(samples: Samples, { fromMs, toMs }: TimeSpan, usual: Samples): boolean {
  const during = only(samples, (timeMs) => timeMs > fromMs && timeMs < toMs).values;
  const before = only(usual, (timeMs) => timeMs > fromMs - DAY_MS && timeMs < fromMs).values;
  const typical = during.slice().sort()[during.length >> 1];
  return typical === undefined || before.every((value) => value < typical) || before.every((value) => value > typical);
}

function only({ timesMs, values }: Samples, isChosen: (timeMs: number) => boolean): Samples {
  return { timesMs: timesMs.filter(isChosen), values: values.filter((_, i) => isChosen(timesMs[i]!)) };
}
