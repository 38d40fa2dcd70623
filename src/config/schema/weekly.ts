import { UsageError } from '../../lib/errors.js';
import { WEEKDAYS } from '../../model/settings/special-days.js';

/** A time of the week. */
interface WeeklyTime {
  /** 0 … 6 from Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

/** Reads `saturday 22:00`. Throws `UsageError`. */
export function parseWeekly(text: string): WeeklyTime {
  const [, day = '', hour, minute] = /^([a-z]+) ([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  const weekday = (WEEKDAYS as readonly string[]).indexOf(day);
  if (weekday < 0) throw new UsageError('must be a day and a time such as saturday 22:00');
  return { weekday, hour: Number(hour), minute: Number(minute) };
}
