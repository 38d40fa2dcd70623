import { UsageError } from '../../lib/errors.js';
import type { CalendarEvent } from '../../model/settings/special-days.js';
import { type IcalComponent, type IcalProperty, parseIcal, propertyOf, unescapeText } from './ical-document.js';
import { recurrences } from './ical-recurrence.js';
import { durationOf, readingOf, type Years } from './ical-time.js';
import { type ToInstant, zonesOf } from './ical-zones.js';

/** A calendar of a whole company; what is larger is no calendar of days off. */
export const MAX_ICAL_BYTES = 2 * 2 ** 20;
/** History reaches back two years at most where a year has a season; forecasts reach into the next. */
const YEARS_BACK = 3;
const YEARS_AHEAD = 1;

/** The years for which an iCalendar is read in a year. */
export function icalYears(year: number): Years {
  return { first: year - YEARS_BACK, last: year + YEARS_AHEAD };
}

const DAY_MS = 86_400_000;
const MAX_LENGTH_MS = 364 * DAY_MS;
/** Of one calendar, repetitions counted: at 100 bytes each. */
const MAX_EVENTS = 5_000;
/** To follow one takes a millisecond. */
const MAX_RULES = 500;

/** The time of an entry: a local time by the clock of the rule, or an instant. */
interface Moment {
  readonly timeMs: number;
  readonly isLocal: boolean;
}

/**
 * The entries of an iCalendar (RFC 5545) in these years, in order of time, with each repetition as one of its own.
 * Those that are cancelled, or that take no time, are left out. Throws `UsageError` for a text that is no iCalendar, or
 * is too large.
 */
export function readIcal(text: string, years: Years): CalendarEvent[] {
  const calendar = parseIcal(text);
  const zones = zonesOf(calendar, years);
  const entries = calendar.components.filter(({ name }) => name === 'VEVENT');
  const rules = entries.reduce((sum, entry) => sum + (propertyOf(entry, 'RRULE') === undefined ? 0 : 1), 0);
  if (rules > MAX_RULES) throw new UsageError(`has more than ${MAX_RULES} entries that recur`);
  const moved = movedTimes(entries, zones);
  const events: CalendarEvent[] = [];
  for (const entry of entries) {
    for (const event of occurrences(entry, zones, years, moved)) events.push(event);
    if (events.length > MAX_EVENTS)
      throw new UsageError(`has more than ${MAX_EVENTS} entries from ${years.first} to ${years.last}`);
  }
  return events.sort((a, b) => a.fromMs - b.fromMs);
}

/** Which single occurrences of entries that repeat have an entry of their own: by UID and time. */
function movedTimes(entries: readonly IcalComponent[], zones: (name: string) => ToInstant): ReadonlySet<string> {
  const moved = new Set<string>();
  for (const entry of entries) {
    const original = propertyOf(entry, 'RECURRENCE-ID');
    if (original !== undefined) moved.add(occurrenceKey(entry, momentOf(original, zones)));
  }
  return moved;
}

function* occurrences(
  entry: IcalComponent,
  zones: (name: string) => ToInstant,
  { first, last }: Years,
  moved: ReadonlySet<string>,
): Iterable<CalendarEvent> {
  const start = propertyOf(entry, 'DTSTART');
  if (start === undefined || propertyOf(entry, 'STATUS')?.value === 'CANCELLED') return;
  const name = unescapeText(propertyOf(entry, 'SUMMARY')?.value ?? 'event');
  const { localMs: startMs, isDate } = readingOf(start.value);
  const lengthMs = lengthOf(entry, startMs, isDate);
  if (!(lengthMs > 0)) return;
  const [windowMs, windowEndMs] = [Date.UTC(first, 0, 1), Date.UTC(last + 1, 0, 1)];
  const isReplaced = propertyOf(entry, 'RECURRENCE-ID') === undefined ? replacedBy(entry, zones, moved) : () => false;
  const seen = new Set<number>();
  // `UNTIL` is written in UTC where the entry goes by a zone.
  const toLocal = (utcMs: number) => 2 * utcMs - inZone(start, utcMs, zones).timeMs;
  for (const localMs of startsOf(entry, startMs, toLocal, { first, last })) {
    if (localMs >= windowEndMs || localMs + lengthMs <= windowMs || seen.has(localMs)) continue;
    seen.add(localMs);
    const from = inZone(start, localMs, zones);
    if (isReplaced(from)) continue;
    const toMs = inZone(start, localMs + lengthMs, zones).timeMs;
    // Entries are looked up by the year in which they begin: one that takes years is several.
    for (let fromMs = from.timeMs; fromMs < toMs; fromMs += MAX_LENGTH_MS)
      yield { name, fromMs, toMs: Math.min(toMs, fromMs + MAX_LENGTH_MS), isLocal: from.isLocal };
  }
}

/** When an entry begins, as readings of its own clock: its first time, its rule, its further times. */
function* startsOf(
  entry: IcalComponent,
  startMs: number,
  toLocal: (utcMs: number) => number,
  years: Years,
): Iterable<number> {
  yield startMs;
  for (const { name, value } of entry.properties) {
    if (name === 'RRULE') yield* recurrences(value, startMs, years, toLocal);
    // A period has its own end, which hardly anything writes.
    else if (name === 'RDATE') for (const time of value.split(',')) yield readingOf(time.split('/', 1)[0]!).localMs;
  }
}

/** Whether an occurrence is left out by the entry, or has one of its own. */
function replacedBy(entry: IcalComponent, zones: (name: string) => ToInstant, moved: ReadonlySet<string>) {
  const excluded = new Set<string>();
  for (const property of entry.properties) {
    if (property.name !== 'EXDATE') continue;
    for (const value of property.value.split(',')) {
      excluded.add(occurrenceKey(entry, momentOf({ ...property, value }, zones)));
    }
  }
  return (from: Moment) => {
    const key = occurrenceKey(entry, from);
    return excluded.has(key) || moved.has(key);
  };
}

function occurrenceKey(entry: IcalComponent, { timeMs, isLocal }: Moment): string {
  return `${timeMs} ${isLocal} ${propertyOf(entry, 'UID')?.value}`;
}

/** How long an entry takes by its own clock. */
function lengthOf(entry: IcalComponent, startMs: number, isDate: boolean): number {
  const end = propertyOf(entry, 'DTEND');
  if (end !== undefined) return readingOf(end.value).localMs - startMs;
  const duration = propertyOf(entry, 'DURATION');
  if (duration !== undefined) return durationOf(duration.value);
  return isDate ? DAY_MS : 0;
}

function momentOf(property: IcalProperty, zones: (name: string) => ToInstant): Moment {
  return inZone(property, readingOf(property.value).localMs, zones);
}

/** A reading of the clock that a property goes by. */
function inZone(property: IcalProperty, localMs: number, zones: (name: string) => ToInstant): Moment {
  const { isUtc, isDate } = readingOf(property.value);
  const zone = property.parameters.get('TZID');
  if (isUtc) return { timeMs: localMs, isLocal: false };
  if (isDate || zone === undefined) return { timeMs: localMs, isLocal: true };
  return { timeMs: zones(zone)(localMs), isLocal: false };
}
