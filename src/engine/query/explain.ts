import { calendarOf, type SpecialSpan } from '../../calendar/rule-calendar.js';
import type { Alarm } from '../../detect/alarms.js';
import { type ReferringKey, referencesIn, type SeriesReference } from '../../model/settings/series-reference.js';
import type { Aggregate, Bounds } from '../../model/settings/settings.js';
import type { Match } from '../../series/references/referenced.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { ExcludedTime, Exclusion } from '../exclusions/exclusion.js';
import type { Exclusions } from '../exclusions/exclusions.js';
import { componentsOn, expectAt } from '../expectation/expectation.js';
import { limitsOf } from '../limits/limits.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { distanceScores, publishedScore } from './series-report.js';

/** What was expected of a series at some time, and why. NaN where that is not known. */
export interface Explanation {
  readonly aggregate: Aggregate;
  /** The step that contains the time, or, where steps are no longer kept, the coarse bucket. */
  readonly startMs: number;
  readonly endMs: number;
  /** Its observed value. */
  readonly value: number;
  /** What the present model expects then; undefined before the first fit. */
  readonly expected: { readonly yhat: number; readonly yhatLower: number; readonly yhatUpper: number } | undefined;
  /** The trend and what each season adds to it; they add up to yhat before it is clamped to the bounds of the rule. */
  readonly parts: readonly { readonly name: string; readonly value: number }[];
  readonly score: number;
  /** `published`: the score that was published; `distance`: computed from the distance to what the present model expects. */
  readonly scoreBasis: 'published' | 'distance' | 'none';
  /** The alarm at that time, and the last one before it on the same side. */
  readonly alarm: Alarm | undefined;
  readonly similar: Alarm | undefined;
  /** The limits of the series: a value beyond is an alarm. */
  readonly limits: Bounds;
  /** What the rule takes from other series, and what that is at present. */
  readonly references: readonly {
    readonly key: ReferringKey;
    readonly reference: SeriesReference;
    readonly match: Match;
  }[];
  /** The special day that it belongs to. */
  readonly specialDay: Pick<SpecialSpan, 'name' | 'meaning'> | undefined;
  /** The excluded times that it belongs to. */
  readonly excluded: readonly ExcludedTime[];
  /** What a person said because of which the alarm is suppressed. */
  readonly acceptance: Exclusion | undefined;
}

/** Series of one rule that were in alarm at one time. */
export interface Peers {
  /** All series of the rule, including the one that is explained. */
  readonly series: number;
  /** Those that were in alarm, without the one that is explained. */
  readonly anomalous: number;
  /** Of these the ones with the highest peaks. */
  readonly worst: readonly { readonly series: TrackedSeries; readonly alarm: Alarm }[];
}

const MAX_WORST = 10;

/** Explains the step that holds `timeMs`, past or future, by the present model. */
export function explain(
  store: SeriesStore,
  series: TrackedSeries,
  timeMs: number,
  exclusions: Exclusions,
): Explanation {
  const { id, model } = series;
  const { startMs, endMs, value } = observedAt(store, id, timeMs);
  const alarm = alarmAt(series, startMs, endMs);
  const middleMs = (startMs + endMs) / 2;
  const specialDay = calendarOf(store.settings(id)).at(middleMs);
  const none = {
    aggregate: store.aggregate(id),
    startMs,
    endMs,
    value,
    alarm,
    specialDay,
    excluded: exclusions.between(series, middleMs, middleMs + 1),
    acceptance: alarm && exclusions.acceptanceOf(series, alarm),
    limits: limitsOf(store, series),
    references: referencesIn(store.settings(id)).map(({ key, reference }) => ({
      key,
      reference,
      match: store.match(id, reference),
    })),
  };
  if (model === undefined) {
    return { ...none, expected: undefined, parts: [], score: Number.NaN, scoreBasis: 'none', similar: undefined };
  }
  const interval = new Float64Array(3);
  expectAt(store, series, middleMs, interval);
  const expected = { yhat: interval[0]!, yhatLower: interval[1]!, yhatUpper: interval[2]! };
  const times = Float64Array.of(middleMs);
  const { trend, seasonalities } = componentsOn(series, times);
  const parts = [
    { name: 'trend', value: trend[0]! },
    ...seasonalities.map(({ name, values }) => ({ name, value: values[0]! })),
  ];
  const published = publishedScore(series, endMs);
  const score = published ?? distanceScores(store, series, times, [value], exclusions)[0]!;
  const scoreBasis = published !== undefined ? 'published' : Number.isNaN(score) ? 'none' : 'distance';
  const side = Math.sign(value - expected.yhat);
  const before = series.alarms.list.filter((other) => other !== alarm && other.toMs <= startMs);
  const similar = before.findLast((other) => Number.isNaN(side) || other.side === side);
  return { ...none, expected, parts, score, scoreBasis, similar };
}

/** Which other series of its rule were in alarm at the same time, as far as their alarms are remembered. */
export function peersOf(
  store: SeriesStore,
  explained: TrackedSeries,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  all: Iterable<TrackedSeries>,
): Peers {
  const rule = store.rule(explained.id);
  const found: { series: TrackedSeries; alarm: Alarm }[] = [];
  let count = 0;
  for (const series of all) {
    if (store.rule(series.id) !== rule) continue;
    count++;
    const alarm = alarmAt(series, startMs, endMs);
    if (alarm !== undefined && series !== explained) found.push({ series, alarm });
  }
  found.sort((a, b) => b.alarm.peakScore - a.alarm.peakScore);
  return { series: count, anomalous: found.length, worst: found.slice(0, MAX_WORST) };
}

/** The alarm in [startMs, endMs). For the step after the one scored last, an alarm of that one goes on. */
function alarmAt({ alarms, scoredUntilMs }: TrackedSeries, startMs: number, endMs: number): Alarm | undefined {
  const isNext = startMs >= scoredUntilMs && startMs - scoredUntilMs <= endMs - startMs;
  return alarms.list.find(
    ({ fromMs, toMs }) => fromMs < endMs && (toMs > startMs || (isNext && toMs === scoredUntilMs)),
  );
}

/** The step that contains a time and its value; the coarse bucket where the steps do not reach back so far. */
function observedAt(store: SeriesStore, id: number, timeMs: number): { startMs: number; endMs: number; value: number } {
  const { stepMs, resolutionMs } = store.settings(id);
  const startMs = Math.floor(timeMs / stepMs) * stepMs;
  const step = { startMs, endMs: startMs + stepMs, value: store.stepValue(id, startMs) };
  if (!Number.isNaN(step.value)) return step;
  const [oldestStepMs = Number.POSITIVE_INFINITY] = store.readSteps(id, Number.NEGATIVE_INFINITY, startMs).timesMs;
  if (oldestStepMs < startMs) return step;
  const bucketStartMs = Math.floor(timeMs / resolutionMs) * resolutionMs;
  const [value = Number.NaN] = store.readHistory(id, bucketStartMs, bucketStartMs + resolutionMs).values;
  return Number.isNaN(value) ? step : { startMs: bucketStartMs, endMs: bucketStartMs + resolutionMs, value };
}
