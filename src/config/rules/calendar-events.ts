import { crc32 } from 'node:zlib';
import type { Rule } from '../../model/settings/settings.js';
import type { CalendarEvent, SpecialDaysSettings } from '../../model/settings/special-days.js';

/** What distinguishes the special days of a rule from others, for `ProphetSettings.specialDays`; nothing where there are none. */
export function specialDaysKey(specialDays: readonly SpecialDaysSettings[]): { specialDays?: number } {
  return specialDays.length === 0 ? {} : { specialDays: crc32(JSON.stringify(specialDays)) };
}

/** The rules with the entries that iCalendars have now, by the name of the calendar. Rules without any of them stay as they are. */
export function withEvents(
  rules: readonly Rule[],
  events: ReadonlyMap<string, readonly CalendarEvent[]>,
): readonly Rule[] {
  return rules.map((rule) => {
    const { specialDays, prophet } = rule.settings;
    if (!specialDays.some(({ calendar }) => events.has(calendar.name))) return rule;
    const present = specialDays.map((days) => {
      const found = events.get(days.calendar.name);
      return found === undefined ? days : { ...days, calendar: { ...days.calendar, events: found } };
    });
    const settings = { ...rule.settings, specialDays: present, prophet: { ...prophet, ...specialDaysKey(present) } };
    return { ...rule, settings };
  });
}
