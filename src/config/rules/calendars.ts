import { isKnownCountry } from '../../calendar/country-holidays.js';
import { icalYears, MAX_ICAL_BYTES, readIcal } from '../../calendar/ical/ical-events.js';
import { daysIn } from '../../calendar/rule-calendar.js';
import { parseDuration } from '../../lib/durations.js';
import { UsageError } from '../../lib/errors.js';
import { nearest } from '../../lib/nearest.js';
import {
  type CalendarEvent,
  type CalendarSettings,
  type SpecialDaysSettings,
  WEEKDAYS,
} from '../../model/settings/special-days.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import { CALENDAR_DEFAULTS, ICAL_DEFAULTS } from '../schema/defaults.js';
import { overlay } from '../schema/layers.js';
import type { CalendarFile, SpecialDaysFile } from '../schema/schema.js';

/** A calendar in the file's own words, with every key that applies to it filled in. */
export type EffectiveCalendar = ReturnType<typeof fillCalendar>;

export function fillCalendar({ ical, ...calendar }: CalendarFile) {
  return {
    ...overlay(CALENDAR_DEFAULTS, {}, calendar),
    ...(ical !== undefined && { ical: overlay(ICAL_DEFAULTS, {}, ical) }),
  };
}

/** A calendar as the rest of Sentio takes it; what is wrong with it is reported. `year` is the present one. */
export function resolveCalendar(
  { name, country, region, types, days, ical_file, ical }: EffectiveCalendar,
  path: Path,
  review: Review,
  year: number,
): CalendarSettings {
  const isIcal = ical_file !== undefined || ical !== undefined;
  if (country === undefined && days.length === 0 && !isIcal)
    review.report(path, 'has no days: one of country, days, ical_file and ical is required');
  if (ical_file !== undefined && ical !== undefined) review.report([...path, 'ical'], 'cannot be set beside ical_file');
  if (region !== undefined && country === undefined) review.report([...path, 'region'], 'requires country');
  const isKnown = country !== undefined && isKnownCountry(country);
  if (country !== undefined && !isKnown)
    review.report([...path, 'country'], `there are no holidays of a country ${country}`);
  const hasRegion = isKnown && region !== undefined && isKnownCountry(country, region);
  if (isKnown && region !== undefined && !hasRegion)
    review.report([...path, 'region'], `country ${country} has no region ${JSON.stringify(region)}`);
  const isSound = days.map(({ date, from, to }, i) => {
    if ((date === undefined) !== (from === undefined) && (from === undefined) === (to === undefined)) return true;
    review.report([...path, 'days', i], 'must have either date, or from and to');
    return false;
  });
  const events = ical_file === undefined ? undefined : readEvents(ical_file, [...path, 'ical_file'], review, year);
  const calendar = {
    name,
    ...(isKnown && { country: { code: country, ...(hasRegion && { region }), types } }),
    days: days
      .filter((_, i) => isSound[i])
      .map((day) => ({ name: day.name, from: (day.date ?? day.from)!, to: (day.date ?? day.to)! })),
    ...(isIcal && { events: events ?? [] }),
  };
  const hasDays = isKnown || days.length > 0 || events !== undefined;
  // What is fetched is not here yet.
  const isWhole = (country === undefined || isKnown) && isSound.every(Boolean) && hasDays && ical === undefined;
  if (isWhole && [year - 1, year, year + 1].every((each) => daysIn({ calendar }, each).length === 0))
    review.report(path, 'has no day last year, this year and next year');
  return calendar;
}

/** The entries of an iCalendar file; undefined where it cannot be used, which is reported. */
function readEvents(file: string, path: Path, review: Review, year: number): CalendarEvent[] | undefined {
  const text = review.readText(path, file, MAX_ICAL_BYTES);
  if (text === '') return undefined;
  try {
    return readIcal(text, icalYears(year));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    review.report(path, `the file ${file} ${error.message}`);
    return undefined;
  }
}

/** What the days of calendars mean for a rule. `calendars` are those of the file, by name. */
export function resolveSpecialDays(
  specialDays: readonly SpecialDaysFile[],
  calendars: ReadonlyMap<string, CalendarSettings>,
): SpecialDaysSettings[] {
  return specialDays.flatMap((days) => {
    const { calendar: name, before = '0s', after = '0s' } = days;
    const calendar = calendars.get(name);
    if (calendar === undefined) return [];
    return [{ calendar, meaning: meaningOf(days), beforeMs: parseDuration(before), afterMs: parseDuration(after) }];
  });
}

function meaningOf({ like, learn, prior_scale }: SpecialDaysFile): SpecialDaysSettings['meaning'] {
  if (like !== undefined) return { kind: 'like', weekday: WEEKDAYS.indexOf(like) };
  if (learn === undefined) return { kind: 'ignore' };
  return { kind: 'learn', ...(prior_scale !== undefined && { priorScale: prior_scale }) };
}

/** A day that is not learnt ends in the day after it at the latest. */
const MAX_AROUND_MS = parseDuration('1d');

/** Reports special days that name no calendar, or say nothing or two things of it. */
export function reviewSpecialDays(
  specialDays: readonly SpecialDaysFile[],
  calendars: ReadonlyMap<string, CalendarSettings>,
  path: Path,
  review: Review,
): void {
  const placeOf = (...keys: Path) =>
    review.firstPresent([
      [...path, 'special_days', ...keys],
      ['defaults', 'special_days', ...keys],
    ]);
  for (const [i, { calendar, like, learn, ignore, prior_scale, ...around }] of specialDays.entries()) {
    reportUnknownCalendar(calendar, calendars, placeOf(i, 'calendar'), review);
    if ([like, learn, ignore].filter((meaning) => meaning !== undefined).length !== 1)
      review.report(placeOf(i), 'must have one of like, learn and ignore');
    if (learn !== undefined) continue;
    if (prior_scale !== undefined) review.report(placeOf(i, 'prior_scale'), 'requires learn');
    for (const key of ['before', 'after'] as const) {
      const length = around[key];
      if (length !== undefined && parseDuration(length) > MAX_AROUND_MS)
        review.report(placeOf(i, key), 'must be at most 1d without learn');
    }
  }
}

/** Reports a name that is not that of a calendar of the file. */
export function reportUnknownCalendar(
  name: string,
  calendars: ReadonlyMap<string, CalendarSettings>,
  path: Path,
  review: Review,
): void {
  if (calendars.has(name)) return;
  const meant = nearest(name, [...calendars.keys()]);
  const hint = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
  review.report(path, `there is no calendar ${JSON.stringify(name)}${hint}`);
}
