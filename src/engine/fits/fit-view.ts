import { calendarOf } from '../../calendar/rule-calendar.js';
import type { TimeZone } from '../../calendar/time-zone.js';
import type { TimeSpan, TrainingView } from '../../model/samples/ring-view.js';
import type { SeriesStore } from '../../series/series-store.js';
import { Exclusions } from '../exclusions/exclusions.js';
import type { TrackedSeries } from '../series/tracked-series.js';

const DAY_MS = 86_400_000;
/** An open incident is excluded from fits for this long; after that it may be the new normal. */
const MAX_ONGOING_MS = DAY_MS;
/** What came for long on this many days at one time of the day, or twice at one time of the week, is learnt. */
const DAILY_TIMES = 3;
const WEEKLY_TIMES = 2;
/** As long as no more lies between them: what comes every month is no daily matter, and four weeks may be a month. */
const DAYS_APART = 7;
const WEEKS_APART = 2;
/** The three Fourier terms of a week, and the four of a day, cannot draw what is shorter: they would only smear it. */
const MIN_WEEKLY_MS = DAY_MS / 2;
const MIN_DAILY_MS = DAY_MS / 8;
/** This long before and after it, and two buckets at least, show what a span differs from. */
const BESIDE_MS = DAY_MS / 48;
/** How far beyond the newest sample a model knows its calendar: a long horizon, and fits that fail for a while. */
const CALENDAR_AHEAD_MS = 60 * DAY_MS;

/** What a model of a series is trained on: its history at the present level, without incidents that do not recur. */
export function fitView(store: SeriesStore, series: TrackedSeries, exclusions = new Exclusions(store)): TrainingView {
  const { id, levelShifts, excludedSpans, score } = series;
  const newestMs = store.newestSampleMs(id);
  const settings = store.settings(id);
  const { stepMs } = settings;
  const calendar = calendarOf(settings);
  const { zone } = calendar;
  const alarms = series.alarms.list
    // What is special about a day that is learnt is no incident, though it alarms the first time; nor is what was accepted.
    .filter((alarm) => !calendar.learns(alarm.fromMs) && exclusions.acceptanceOf(series, alarm) === undefined)
    .map(({ fromMs, toMs, kind }) => {
      const isOver = !(score > 1) || toMs < newestMs - stepMs;
      // While it is not decided whether a change is a new level, it says nothing of the one before.
      if (series.excursion.lastedMs > 0 && toMs > newestMs - series.excursion.lastedMs - stepMs)
        return { fromMs, toMs: Math.min(newestMs + stepMs, fromMs + MAX_ONGOING_MS), kind };
      return { fromMs, toMs: isOver ? toMs : Math.min(toMs, fromMs + MAX_ONGOING_MS), kind };
    });
  const suspect = alarms.filter((span) => !recurs(span, alarms, zone));
  const jobs = alarms.filter((span) => isDailyJob(span, alarms, zone) && comesBack(store, id, span));
  // What a sensor that is stuck says is usual, and says nothing.
  const stuck = suspect.filter(({ kind }) => kind === 'stuck');
  const firstMs = store.firstSampleMs(id);
  const undecidedMs = series.states.undecidedMs(stepMs);
  const excluded = [
    ...excludedSpans.filter((span) => !recurs(span, excludedSpans, zone)),
    ...stuck,
    ...jobs,
    // Whether a state that lasts longer than ever is usual is not known yet.
    ...(undecidedMs > 0 ? [{ fromMs: newestMs - undecidedMs, toMs: newestMs }] : []),
    ...calendar.ignoredSpans(firstMs, newestMs),
    ...exclusions.notLearnt(series, firstMs, newestMs),
  ];
  const forFit = calendar.forFit(firstMs, newestMs + CALENDAR_AHEAD_MS);
  return {
    ...store.trainingView(id),
    levelShifts,
    excluded,
    suspect,
    calendar: { ...forFit, hasDayTypes: knownDayTypes(series, newestMs, zone) },
  };
}

/** Whether the model in use has day types: decided again in the first fit of a day. */
function knownDayTypes({ model }: TrackedSeries, newestMs: number, zone: TimeZone): boolean | undefined {
  if (model === undefined) return undefined;
  const day = (timeMs: number) => Math.floor(zone.toLocal(timeMs) / DAY_MS);
  if (day(model.lastMs) !== day(newestMs)) return undefined;
  return model.seasonalities.some(({ name }) => name === 'daily_weekend');
}

/** Whether a span is one of several at its time of the day or of the week, and long enough for a season of the model to draw it. */
function recurs(span: TimeSpan, spans: readonly TimeSpan[], zone: TimeZone): boolean {
  const { daily, weekly } = countAlike(span, spans, zone);
  const lastedMs = span.toMs - span.fromMs;
  return (daily >= DAILY_TIMES && lastedMs >= MIN_DAILY_MS) || (weekly >= WEEKLY_TIMES && lastedMs >= MIN_WEEKLY_MS);
}

/** Whether a span is one of several at its time of the day that are too short for the model. */
function isDailyJob(span: TimeSpan, spans: readonly TimeSpan[], zone: TimeZone): boolean {
  return span.toMs - span.fromMs < MIN_DAILY_MS && countAlike(span, spans, zone).daily >= DAILY_TIMES;
}

/** Whether a series is after a span where it was before. After the reset of a leak it is not, and a season has to draw that. */
function comesBack(store: SeriesStore, id: number, { fromMs, toMs }: TimeSpan): boolean {
  const besideMs = Math.max(BESIDE_MS, 2 * store.historyView(id).widthMs);
  const mean = (sinceMs: number, untilMs: number) => {
    const { values } = store.readHistory(id, sinceMs, untilMs);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const before = mean(fromMs - besideMs, fromMs);
  const after = mean(toMs, toMs + besideMs);
  return Math.abs(mean(fromMs, toMs) - (before + after) / 2) > 2 * Math.abs(after - before);
}

/** How many of the spans are at its time of the day, or of the week, this one among them. */
function countAlike(span: TimeSpan, spans: readonly TimeSpan[], zone: TimeZone): { daily: number; weekly: number } {
  let daily = 1;
  let weekly = 1;
  for (const other of spans) {
    if (other === span) continue;
    const days = Math.round((other.fromMs - span.fromMs) / DAY_MS);
    if (days === 0 || !isLike(span, other, zone.daysBefore(span.fromMs, -days) - span.fromMs)) continue;
    if (Math.abs(days) <= DAYS_APART) daily++;
    if (days % 7 === 0 && Math.abs(days) <= WEEKS_APART * 7) weekly++;
  }
  return { daily, weekly };
}

/** Whether two spans overlap for the most part once the first is shifted by `shiftMs`. */
function isLike(a: TimeSpan, b: TimeSpan, shiftMs: number): boolean {
  const fromMs = Math.max(a.fromMs + shiftMs, b.fromMs);
  const toMs = Math.min(a.toMs + shiftMs, b.toMs);
  return 2 * (toMs - fromMs) > Math.max(a.toMs - a.fromMs, b.toMs - b.fromMs);
}
