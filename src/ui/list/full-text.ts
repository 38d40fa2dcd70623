import type { SeriesJson } from '../../http/api/json/series.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is written where no limit is reached within the horizon. */
export const BEYOND = '–';

/** Metrics of what is left: the disk is full when they are at their min. */
const IS_REST = /avail|free|remaining/i;

/**
 * When a series reaches the nearest of its limits, counted from its newest step: `full in 2 d 4 h`, `BEYOND` for beyond the horizon,
 * '' without a limit. It is `at min in …` where a min is no full disk.
 */
export function fullText({
  metric,
  last,
  reaches_limit: limits,
}: Pick<SeriesJson, 'metric' | 'last' | 'reaches_limit'>): string {
  if (limits === undefined || last.time === null) return '';
  const times = (['max', 'min'] as const).map((side) => ({
    side,
    time: limits[side]?.expected ?? Number.POSITIVE_INFINITY,
  }));
  const [{ side, time }] = times.sort((a, b) => a.time - b.time) as [(typeof times)[number]];
  if (time === Number.POSITIVE_INFINITY) return BEYOND;
  const what = side === 'max' || IS_REST.test(metric.__name__ ?? '') ? 'full' : 'at min';
  return time <= last.time ? what : `${what} in ${timeLeft(time - last.time)}`;
}

/** To two units, because hours matter where days are few: `12 d`, `2 d 4 h`, `5 h 20 min`, `35 min`. */
export function timeLeft(seconds: number): string {
  const minutes = Math.max(1, Math.floor(seconds / MINUTE));
  if (minutes < 60) return `${minutes} min`;
  if (seconds < DAY) return joined(seconds, [HOUR, 'h'], [MINUTE, 'min']);
  if (seconds < 10 * DAY) return joined(seconds, [DAY, 'd'], [HOUR, 'h']);
  return `${Math.floor(seconds / DAY)} d`;
}

function joined(seconds: number, [large, name]: [number, string], [small, smallName]: [number, string]): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${name}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}
