import type { FitCalendar, FitHoliday } from '../model/samples/fit-calendar.js';
import type { TimeSpan } from '../model/samples/ring-view.js';
import type { CalendarEvent, SpecialDaysSettings } from '../model/settings/special-days.js';
import { type Holiday, holidaysOf } from './country-holidays.js';
import { namedDaysIn } from './named-days.js';
import { clockOf, type DayShift } from './season-clock.js';
import { type TimeZone, timeZone } from './time-zone.js';

const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 4;

/** What a series goes by: see `SeriesSettings`. */
export interface CalendarRules {
  readonly timezone: string;
  readonly specialDays: readonly SpecialDaysSettings[];
}

/** A special day, or the part of one that is expected to look like one day of the week. */
export interface SpecialSpan extends TimeSpan {
  readonly name: string;
  readonly meaning: SpecialDaysSettings['meaning'];
  /** By how many ms its day is moved within the week: 0 unless it is like another one. */
  readonly shiftMs: number;
}

/** The local clock and the special days of a rule. Reads no clock: years are worked out when they are asked for. */
export class RuleCalendar {
  readonly zone: TimeZone;
  /** False: no day is special. */
  readonly hasSpecialDays: boolean;
  readonly #specialDays: readonly SpecialDaysSettings[];
  readonly #years = new Map<number, readonly SpecialSpan[]>();
  /** The answer of the last question, and for how long it is the same. */
  #last: { fromMs: number; toMs: number; span: SpecialSpan | undefined } = { fromMs: 0, toMs: 0, span: undefined };

  constructor({ timezone, specialDays }: CalendarRules) {
    this.zone = timeZone(timezone);
    this.#specialDays = specialDays;
    this.hasSpecialDays = specialDays.length > 0;
  }

  /** The special day that an instant belongs to; of several that of the calendar the rule names first. */
  at(timeMs: number): SpecialSpan | undefined {
    if (!this.hasSpecialDays) return undefined;
    const last = this.#last;
    if (timeMs >= last.fromMs && timeMs < last.toMs) return last.span;
    const near = this.#spansIn(timeMs - DAY_MS, timeMs + DAY_MS);
    const span = near.find(({ fromMs, toMs }) => timeMs >= fromMs && timeMs < toMs);
    const edges = near.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
    this.#last = {
      fromMs: Math.max(timeMs - DAY_MS, ...edges.filter((edge) => edge <= timeMs)),
      toMs: Math.min(timeMs + DAY_MS, ...edges.filter((edge) => edge > timeMs)),
      span,
    };
    return span;
  }

  /** The special days that have a part in [fromMs, toMs), in order. */
  between(fromMs: number, toMs: number): SpecialSpan[] {
    return this.#spansIn(fromMs, toMs).toSorted((a, b) => a.fromMs - b.fromMs);
  }

  /** Whether a day that is special has a part in [fromMs, toMs). */
  hasDays(fromMs: number, toMs: number): boolean {
    return this.#spansIn(fromMs, toMs).length > 0;
  }

  /** Whether what comes then is learnt as a day of its own. */
  learns(timeMs: number): boolean {
    return this.at(timeMs)?.meaning.kind === 'learn';
  }

  /** Whether what comes then is neither learnt nor scored. */
  ignores(timeMs: number): boolean {
    return this.at(timeMs)?.meaning.kind === 'ignore';
  }

  /** The day of the week that an instant belongs to, 0 … 6 from Sunday, or that its day is expected to look like. */
  weekday(timeMs: number): number {
    return weekdayOf(this.zone.toLocal(timeMs) + (this.at(timeMs)?.shiftMs ?? 0));
  }

  /**
   * Whether a past instant is of a day that may speak for the day of another: what is like a Sunday is known by Sundays, what is
   * learnt by days of its name, and no special day speaks for an ordinary one.
   */
  speaksFor(pastMs: number, timeMs: number): boolean {
    if (!this.hasSpecialDays) return true;
    const past = this.at(pastMs)?.meaning.kind;
    if (past === 'ignore') return false;
    const special = this.at(timeMs);
    if (special?.meaning.kind === 'like') return this.weekday(pastMs) === this.weekday(timeMs);
    if (special?.meaning.kind === 'learn') return this.at(pastMs)?.name === special.name;
    return past === undefined;
  }

  /** What a fit needs to know between two instants. */
  forFit(fromMs: number, toMs: number): FitCalendar {
    const shifts: DayShift[] = [];
    for (const { shiftMs, ...span } of this.#spansIn(fromMs, toMs)) {
      const isFree = shifts.every((other) => span.toMs <= other.fromMs || span.fromMs >= other.toMs);
      if (shiftMs !== 0 && isFree) shifts.push({ ...span, shiftMs });
    }
    shifts.sort((a, b) => a.fromMs - b.fromMs);
    const holidays = this.#holidays(fromMs, toMs);
    return { clock: clockOf(this.zone, fromMs, toMs, shifts), ...(holidays.length > 0 && { holidays }) };
  }

  /** The columns of the days that are learnt, between two instants. */
  #holidays(fromMs: number, toMs: number): FitHoliday[] {
    const columns = new Map<string, { name: string; priorScale: number | undefined; spans: [number, number][] }>();
    for (const special of this.#specialDays) {
      const { meaning } = special;
      if (meaning.kind !== 'learn') continue;
      for (const part of this.#partsOf(special, fromMs, toMs)) {
        const key = `${meaning.priorScale} ${part.name}`;
        const column = columns.get(key) ?? { name: part.name, priorScale: meaning.priorScale, spans: [] };
        columns.set(key, column);
        column.spans.push([part.fromMs, part.toMs]);
      }
    }
    return [...columns.values()].map(({ name, priorScale, spans }) => ({
      name,
      priorScale,
      spans: Float64Array.from(spans.sort(([a], [b]) => a - b).flat()),
    }));
  }

  /** The days of a calendar that have a part in [fromMs, toMs), each with the days before and after that belong to it. */
  *#partsOf(special: SpecialDaysSettings, fromMs: number, toMs: number): Iterable<TimeSpan & { name: string }> {
    const { beforeMs, afterMs } = special;
    const firstYear = new Date(fromMs - afterMs - DAY_MS).getUTCFullYear() - 1;
    const lastYear = new Date(toMs + beforeMs + DAY_MS).getUTCFullYear();
    for (let year = firstYear; year <= lastYear; year++) {
      for (const event of daysIn(special, year)) {
        for (const part of dayParts(event, special, this.zone))
          if (part.fromMs < toMs && part.toMs > fromMs) yield part;
      }
    }
  }

  /** The spans that are not learnt, between two instants. */
  ignoredSpans(fromMs: number, toMs: number): TimeSpan[] {
    return this.#spansIn(fromMs, toMs).filter(({ meaning }) => meaning.kind === 'ignore');
  }

  /** The spans that have a part in [fromMs, toMs), those of the calendar that the rule names first at the front. */
  #spansIn(fromMs: number, toMs: number): SpecialSpan[] {
    if (!this.hasSpecialDays) return [];
    const found: SpecialSpan[] = [];
    // A span of the year before may go on into this one.
    const lastYear = new Date(toMs + DAY_MS).getUTCFullYear();
    for (let year = new Date(fromMs - DAY_MS).getUTCFullYear() - 1; year <= lastYear; year++)
      for (const span of this.#spansOf(year)) if (span.fromMs < toMs && span.toMs > fromMs) found.push(span);
    const rank = ({ meaning }: SpecialSpan) => this.#specialDays.findIndex((special) => special.meaning === meaning);
    return this.#specialDays.length === 1 ? found : found.sort((a, b) => rank(a) - rank(b));
  }

  #spansOf(year: number): readonly SpecialSpan[] {
    let spans = this.#years.get(year);
    if (spans === undefined) {
      spans = this.#specialDays.flatMap((special) =>
        daysIn(special, year).flatMap((event) => spansOf(event, special, this.zone)),
      );
      // A series asks for the years of its history: more than a few are asked for by mistake.
      if (this.#years.size >= MAX_YEARS) this.#years.clear();
      this.#years.set(year, spans);
    }
    return spans;
  }
}

const MAX_YEARS = 64;

/** The days and entries of a calendar that begin in a year. */
export function daysIn(
  { calendar: { country, days, events = [] } }: Pick<SpecialDaysSettings, 'calendar'>,
  year: number,
): CalendarEvent[] {
  return [
    ...(country === undefined ? [] : holidaysOf(country, year)).map(toEvent),
    ...days.flatMap((day) => namedDaysIn(day, year)).map(toEvent),
    ...events.filter(({ fromMs }) => new Date(fromMs).getUTCFullYear() === year),
  ];
}

function toEvent({ name, fromLocalMs, toLocalMs }: Holiday): CalendarEvent {
  return { name, fromMs: fromLocalMs, toMs: toLocalMs, isLocal: true };
}

/** An entry as instants, with what belongs to it before and after; one span for each day if that is like another. */
function spansOf(
  { name, fromMs, toMs, isLocal }: CalendarEvent,
  { meaning, beforeMs, afterMs }: SpecialDaysSettings,
  zone: TimeZone,
): SpecialSpan[] {
  const beginMs = (isLocal ? zone.toInstant(fromMs) : fromMs) - beforeMs;
  const endMs = (isLocal ? zone.toInstant(toMs) : toMs) + afterMs;
  if (meaning.kind !== 'like') return [{ name, meaning, fromMs: beginMs, toMs: endMs, shiftMs: 0 }];
  const [fromLocalMs, toLocalMs] = isLocal ? [fromMs, toMs] : [zone.toLocal(fromMs), zone.toLocal(toMs)];
  const spans: SpecialSpan[] = [];
  for (let localMs = fromLocalMs; localMs < toLocalMs; ) {
    const nextMs = Math.min(toLocalMs, (Math.floor(localMs / DAY_MS) + 1) * DAY_MS);
    spans.push({
      name,
      meaning,
      fromMs: localMs === fromLocalMs ? beginMs : zone.toInstant(localMs),
      toMs: nextMs === toLocalMs ? endMs : zone.toInstant(nextMs),
      shiftMs: shiftTo(meaning.weekday, localMs),
    });
    localMs = nextMs;
  }
  return spans;
}

/** An entry by itself, and each local day before and after it: the last of these may be a part of a day. */
function* dayParts(
  { name, fromMs, toMs, isLocal }: CalendarEvent,
  { beforeMs, afterMs }: SpecialDaysSettings,
  zone: TimeZone,
): Iterable<TimeSpan & { readonly name: string }> {
  const [fromLocalMs, toLocalMs] = isLocal ? [fromMs, toMs] : [zone.toLocal(fromMs), zone.toLocal(toMs)];
  const span = (localMs: number, lengthMs: number) => ({
    fromMs: zone.toInstant(localMs),
    toMs: zone.toInstant(localMs + lengthMs),
  });
  yield { name, ...span(fromLocalMs, toLocalMs - fromLocalMs) };
  for (let day = 1; (day - 1) * DAY_MS < beforeMs; day++) {
    const lengthMs = Math.min(DAY_MS, beforeMs - (day - 1) * DAY_MS);
    yield { name: `${name}_-${day}`, ...span(fromLocalMs - (day - 1) * DAY_MS - lengthMs, lengthMs) };
  }
  for (let day = 1; (day - 1) * DAY_MS < afterMs; day++) {
    const lengthMs = Math.min(DAY_MS, afterMs - (day - 1) * DAY_MS);
    yield { name: `${name}_+${day}`, ...span(toLocalMs + (day - 1) * DAY_MS, lengthMs) };
  }
}

/** By how much a local day has to be moved to the nearest one of a weekday. */
function shiftTo(weekday: number, localMs: number): number {
  return (((weekday - weekdayOf(localMs) + 10) % 7) - 3) * DAY_MS;
}

function weekdayOf(localMs: number): number {
  return (((Math.floor(localMs / DAY_MS) + FIRST_WEEKDAY) % 7) + 7) % 7;
}

const calendars = new WeakMap<CalendarRules, RuleCalendar>();

/** The calendar of a rule's settings: the same at each call, and for as long as these are kept. */
export function calendarOf(settings: CalendarRules): RuleCalendar {
  let calendar = calendars.get(settings);
  if (calendar === undefined) {
    calendar = new RuleCalendar(settings);
    calendars.set(settings, calendar);
  }
  return calendar;
}

/** UTC, and every day like any other. */
export const PLAIN_CALENDAR = new RuleCalendar({ timezone: 'UTC', specialDays: [] });
