import type { AlarmJson } from '../../http/api/json/alarms.js';
import type { TimeWindow } from '../lib/view.js';

/** A time that may be excluded, in Unix seconds: an alarm that goes on has no end yet. */
export type ExcludableTime = TimeWindow & Partial<Pick<AlarmJson, 'is_ongoing'>>;

/** What goes on is proposed to last for another hour, and so is what nothing else is known of. */
const AHEAD_SECONDS = 3600;

/**
 * The time that a reader is likely to mean: the alarm or step that is explained, else the window that was chosen in the time line,
 * else the last alarm of the series that was not suppressed, else the coming hour.
 */
export function proposedTime(known: {
  readonly explained: ExcludableTime | undefined;
  readonly window: TimeWindow | undefined;
  readonly alarms: readonly AlarmJson[];
  readonly now: number;
}): TimeWindow {
  const { explained, window, alarms, now } = known;
  const last = alarms.findLast(({ suppressed }) => !suppressed);
  const {
    start,
    end,
    is_ongoing: isOngoing,
  }: ExcludableTime = explained ?? window ?? last ?? { start: now, end: now, is_ongoing: true };
  return { start: Math.floor(start), end: Math.ceil(isOngoing === true ? now + AHEAD_SECONDS : end) };
}
