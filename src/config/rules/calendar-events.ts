import { crc32 } from 'node:zlib';
import type { ExcludeSettings } from '../../model/settings/excluded-times.js';
import type { Rule, SeriesSettings } from '../../model/settings/settings.js';
import type { CalendarEvent, CalendarSettings, SpecialDaysSettings } from '../../model/settings/special-days.js';

/**
 * What distinguishes the special days of a rule, and the times that it does not learn, from others, for
 * `ProphetSettings.specialDays`; nothing where there are none.
 */
export function calendarKey(
  specialDays: readonly SpecialDaysSettings[],
  exclude: readonly ExcludeSettings[],
): { specialDays?: number } {
  const days = [...specialDays, ...exclude.filter(({ learn }) => !learn)];
  return days.length === 0 ? {} : { specialDays: crc32(JSON.stringify(days)) };
}

/** The entries of iCalendars that a rule has, by the name of the calendar. */
export function eventsOf({ settings }: Rule): ReadonlyMap<string, readonly CalendarEvent[]> {
  const calendars = calendarsOf(settings);
  return new Map(calendars.flatMap(({ name, events }) => (events === undefined ? [] : [[name, events]])));
}

function calendarsOf({ specialDays, exclude }: Pick<SeriesSettings, 'specialDays' | 'exclude'>): CalendarSettings[] {
  return [
    ...specialDays.map(({ calendar }) => calendar),
    ...exclude.flatMap(({ when }) => (when.kind === 'calendar' ? [when.calendar] : [])),
  ];
}

/** The rules with the entries that iCalendars have now, by the name of the calendar. Rules without any of them stay as they are. */
export function withEvents(
  rules: readonly Rule[],
  events: ReadonlyMap<string, readonly CalendarEvent[]>,
): readonly Rule[] {
  return rules.map((rule) => {
    const { specialDays, exclude, prophet } = rule.settings;
    if (!calendarsOf(rule.settings).some(({ name }) => events.has(name))) return rule;
    const present = (calendar: CalendarSettings) => {
      const found = events.get(calendar.name);
      return found === undefined ? calendar : { ...calendar, events: found };
    };
    const changed = {
      specialDays: specialDays.map((days) => ({ ...days, calendar: present(days.calendar) })),
      exclude: exclude.map((times) =>
        times.when.kind === 'calendar'
          ? { ...times, when: { ...times.when, calendar: present(times.when.calendar) } }
          : times,
      ),
    };
    const key = calendarKey(changed.specialDays, changed.exclude);
    return { ...rule, settings: { ...rule.settings, ...changed, prophet: { ...prophet, ...key } } };
  });
}
