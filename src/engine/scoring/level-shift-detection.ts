import { timeZone } from '../../calendar/time-zone.js';
import { evaluate } from '../../forecast/model/evaluate.js';
import type { LevelShift } from '../../model/samples/level-shift.js';
import type { SeriesStore } from '../../series/series-store.js';
import { clamp } from '../series/clamp.js';
import type { TrackedSeries } from '../series/tracked-series.js';

const DAY_MS = 86_400_000;
/** Between the two halves of the window a level moves by less than this share of its distance. */
const MAX_DRIFT = 0.25;
/** At least this share of what the model misses by must be new since a day ago. */
const MIN_NEWS = 0.5;
/** Deviations up to this many times the median one are usual: with normal noise one step in 20 is beyond. */
const LARGE_SCATTERS = 3;
const ANY_DEVIATION = {
  direction: 'both',
  minDeviation: { up: 0, down: 0 },
  minRelativeDeviation: { up: 0, down: 0 },
  falseAlarmsPerWeek: 1,
} as const;
/** Beyond these factors hardly anything is left of the series, or there was hardly anything before. */
const MIN_FACTOR = 0.01;
const MAX_FACTOR = 100;
/** A level is multiplied only where it was this far from 0, in σ: anything nearer is noise. */
const MIN_SIGMAS = 1;
/** An offset explains a level better than a factor if values scatter around it by less than this share. */
const SHIFTED_SHARE = 0.7;
/** A series that scatters less than this share of σ has become another kind of series. */
const MIN_SCATTER_SHARE = 0.01;

/** A level that a series has taken. */
export interface NewLevel {
  readonly change: LevelShift;
  /** The median distance of steps from it. */
  readonly scatter: number;
  /** How far steps are from what was expected of them: the difference of the medians. */
  readonly distance: number;
}

/**
 * The level that a series took in the last `windowMs`, relative to what was expected; undefined while it is still moving. If
 * a series is never negative, its swing grows and shrinks with its level.
 */
export function changeOfLevel(
  store: SeriesStore,
  { id, model, detector, excursion }: TrackedSeries,
  endMs: number,
  windowMs: number,
): NewLevel | undefined {
  const atMs = endMs - excursion.lastedMs;
  const { bounds } = store.settings(id);
  const { timesMs, values } = store.readSteps(id, endMs - windowMs, endMs);
  const { yhat } = evaluate(model!, timesMs, { intervalWidth: 0.5 });
  clamp(yhat, bounds, store.aggregate(id));
  // If values scatter around the moved model more than its noise allows, they would be in alarm there too.
  const isExplained = (scatter: number, sigma: number) =>
    !(detector.distanceScore(LARGE_SCATTERS * scatter, 0, sigma, ANY_DEVIATION) > 1);
  const { sigma } = model!;
  const distances = values.map((value, i) => value - yhat[i]!);
  const offset = levelOf(distances, 0);
  const offsetScatter = scatterOf(distances);
  const distance = median(values) - median(yhat);
  const history = store.readHistory(id, Number.NEGATIVE_INFINITY, atMs);
  const isProportional =
    history.values.every((value) => value >= 0) && yhat.every((expected) => expected > MIN_SIGMAS * sigma);
  if (isProportional) {
    const factor = levelOf(
      values.map((value, i) => value / yhat[i]!),
      1,
    );
    const scatter = scatterOf(values.map((value, i) => value - factor * yhat[i]!));
    const isBetter = Number.isNaN(offset) || SHIFTED_SHARE * scatter <= offsetScatter;
    if (factor >= MIN_FACTOR && factor <= MAX_FACTOR && isBetter && isExplained(scatter, noiseAt(factor, sigma)))
      return { change: { atMs, factor, offset: 0, resetsHistory: false }, scatter, distance };
  }
  // What stays at one value has no swing any more, however what was expected goes on.
  const stillness = scatterOf(values);
  if (stillness < MIN_SCATTER_SHARE * sigma || stillness === 0) {
    const change = { atMs, factor: 1, offset: distance, resetsHistory: true };
    return Number.isNaN(levelOf(values, median(yhat))) ? undefined : { change, scatter: stillness, distance };
  }
  if (Number.isNaN(offset)) return undefined;
  const isStill = offsetScatter < MIN_SCATTER_SHARE * sigma;
  const resetsHistory = isStill || !isExplained(offsetScatter, sigma);
  return { change: { atMs, factor: 1, offset, resetsHistory }, scatter: offsetScatter, distance };
}

/**
 * Whether the series has moved that far since the last day before the level, at the same time of the day; if not, the model is
 * wrong and the level not new.
 */
export function isNews(
  store: SeriesStore,
  { id }: TrackedSeries,
  endMs: number,
  windowMs: number,
  { change: { atMs }, distance }: Pick<NewLevel, 'change' | 'distance'>,
): boolean {
  const now = median(store.readSteps(id, endMs - windowMs, endMs).values);
  const zone = timeZone(store.settings(id).timezone);
  const daysAgo = Math.max(1, Math.ceil((endMs - atMs) / DAY_MS));
  const thenMs = zone.daysBefore(endMs, daysAgo);
  const then = median(store.readHistory(id, thenMs - windowMs, thenMs).values);
  return (now - then) / distance >= MIN_NEWS;
}

/** σ at a level that is `factor` times as high: noise grows with it, but that of counts falls no faster than its root. */
function noiseAt(factor: number, sigma: number): number {
  return Math.max(factor, Math.min(1, Math.sqrt(factor))) * sigma;
}

/** Where values settled that are usually at `origin`: the median of their later half; NaN if they are still moving. */
function levelOf(values: Float64Array, origin: number): number {
  const middle = values.length >> 1;
  const [earlier, later] = [median(values.subarray(0, middle)), median(values.subarray(middle))];
  return Math.abs(later - earlier) < MAX_DRIFT * Math.abs(later - origin) ? later : Number.NaN;
}

/** The median distance of the later half of the values from their median. */
function scatterOf(values: Float64Array): number {
  const later = values.subarray(values.length >> 1);
  const middle = median(later);
  return median(later.map((value) => Math.abs(value - middle)));
}

/** NaN of none. */
function median(values: Float64Array): number {
  return values.slice().sort()[values.length >> 1] ?? Number.NaN;
}
