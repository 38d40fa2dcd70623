import { stringify } from 'yaml';
import { parseConfig } from '../../config/load.js';
import { eventsOf, withEvents } from '../../config/rules/calendar-events.js';
import type { EffectiveCalendar } from '../../config/rules/calendars.js';
import type { Rule } from '../../model/settings/settings.js';

/**
 * The one rule of a configuration file, which names calendars of another: `calendars` are these, in the words of the file, and
 * what is fetched of them is as in `before`, the rule as it was. Throws `ConfigError`.
 */
export function parseRule(yaml: string, calendars: readonly EffectiveCalendar[], before: Rule): Rule {
  const known = calendars.length === 0 ? '' : stringify({ calendars }, { lineWidth: 0, aliasDuplicateObjects: false });
  const { rules } = parseConfig(known + yaml, '.');
  return withEvents(rules, eventsOf(before))[0]!;
}
