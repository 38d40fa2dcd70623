import { parseClockTime } from '../../calendar/clock-time.js';
import { CronTimes } from '../../calendar/cron-times.js';
import { parseDuration } from '../../lib/durations.js';
import type { ExcludedWhen, ExcludeSettings } from '../../model/settings/excluded-times.js';
import type { CalendarSettings } from '../../model/settings/special-days.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import type { ExcludeFile } from '../schema/schema.js';
import { parseWeekly } from '../schema/weekly.js';
import { reportUnknownCalendar } from './calendars.js';

type Calendars = ReadonlyMap<string, CalendarSettings>;

/** The times that a rule excludes, as the rest of Sentio takes them; what `reviewExclude` reports is left out. */
export function resolveExclude(exclude: readonly ExcludeFile[], calendars: Calendars): ExcludeSettings[] {
  return exclude.flatMap((times) => {
    const when = whenOf(times, calendars);
    const { alarms = false, learn = false } = times;
    return when === undefined ? [] : [{ name: times.name ?? nameOf(times), when, alarms, learn }];
  });
}

function whenOf(
  { from, to, weekly, cron, for: length = '0s', calendar: name }: ExcludeFile,
  calendars: Calendars,
): ExcludedWhen | undefined {
  if (from !== undefined && to !== undefined)
    return { kind: 'once', from: parseClockTime(from), to: parseClockTime(to) };
  const lengthMs = parseDuration(length);
  if (weekly !== undefined) {
    const { weekday, hour, minute } = parseWeekly(weekly);
    return { kind: 'cron', expression: `${minute} ${hour} * * ${weekday}`, lengthMs };
  }
  if (cron !== undefined) return { kind: 'cron', expression: cron, lengthMs };
  const calendar = name === undefined ? undefined : calendars.get(name);
  return calendar && { kind: 'calendar', calendar };
}

/** What people see of times without a name. */
function nameOf({ from, to, weekly, cron, for: length, calendar }: ExcludeFile): string {
  if (from !== undefined) return `${from} to ${to}`;
  return calendar ?? `${weekly ?? cron} for ${length}`;
}

/** Reports times that are not said, or said in two ways, and those that change nothing. */
export function reviewExclude(exclude: readonly ExcludeFile[], calendars: Calendars, path: Path, review: Review): void {
  const placeOf = (...keys: Path) =>
    review.firstPresent([
      [...path, 'exclude', ...keys],
      ['defaults', 'exclude', ...keys],
    ]);
  for (const [i, times] of exclude.entries()) {
    const { from, to, weekly, cron, for: length, calendar, alarms, learn } = times;
    const ways = [from ?? to, weekly, cron, calendar].filter((way) => way !== undefined).length;
    if (ways !== 1) review.report(placeOf(i), 'must have one of from and to, weekly, cron, and calendar');
    else if ((from === undefined) !== (to === undefined)) review.report(placeOf(i), 'must have both from and to');
    else if ((weekly ?? cron) !== undefined && length === undefined)
      review.report(placeOf(i), 'for is missing: how long it lasts');
    else if ((weekly ?? cron) === undefined && length !== undefined)
      review.report(placeOf(i, 'for'), 'is for weekly and cron');
    if (cron !== undefined && length !== undefined && isWithin(new CronTimes(cron), parseDuration(length)))
      review.report(placeOf(i, 'for'), `is longer than ${cron} takes to come again`);
    if (from !== undefined && to !== undefined && parseClockTime(from).timeMs >= parseClockTime(to).timeMs)
      review.report(placeOf(i, 'to'), `is not after from ${from}`);
    if (calendar !== undefined) reportUnknownCalendar(calendar, calendars, placeOf(i, 'calendar'), review);
    if (alarms === true && learn === true)
      review.report(placeOf(i), 'changes nothing: alarms are as ever, and it is learnt');
  }
}

/** Starts that are looked at: some weeks of a daily one, and an hour and a half of one of every minute. */
const LOOKED_AT = 100;

/** Whether a time comes again before it is over: there would be no end of it, and each start is worked out. */
function isWithin(times: CronTimes, lengthMs: number): boolean {
  let last = times.next(0);
  for (let i = 0; i < LOOKED_AT && last !== undefined; i++) {
    const next = times.next(last);
    if (next !== undefined && next - last < lengthMs) return true;
    last = next;
  }
  return false;
}
