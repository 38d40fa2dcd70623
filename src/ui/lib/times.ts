import { shownZone } from './zone.js';

/*
 * Times are Unix seconds, shown in the zone that the reader chose; a hover or a title shows UTC. Durations are seconds, and in
 * addresses as Prometheus writes them: `90s`, `6h`, `7d`.
 */

const UNITS: readonly (readonly [string, number])[] = [
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
];

export function localTime(seconds: number): string {
  return localDateTime(seconds).slice(11);
}

export function localDateTime(seconds: number, zone = shownZone()): string {
  const { year, month, day, hour, minute, second } = Object.fromEntries(
    formatOf(zone)
      .formatToParts(seconds * 1000)
      .map(({ type, value }) => [type, value]),
  );
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

/** The instant at which a zone, by default the one that is shown, reads `YYYY-MM-DD HH:mm:ss`, seconds optional; NaN for anything else. */
export function instantOf(text: string, zone = shownZone()): number {
  const reading = Date.parse(`${text.replace(' ', 'T')}Z`) / 1000;
  if (Number.isNaN(reading)) return Number.NaN;
  const offset = (instant: number) => Date.parse(`${localDateTime(instant, zone).replace(' ', 'T')}Z`) / 1000 - instant;
  // Near a change of the clock the first guess may have the offset of the other side.
  return reading - offset(reading - offset(reading));
}

/** Without the year, which is on the axis. */
export function localDayTime(seconds: number): string {
  return localDateTime(seconds).slice(5);
}

export function utcDateTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Reads `6h`; undefined for anything that is no positive duration of one unit. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNITS.find(([name]) => name === unit)?.[1] ?? Number.NaN);
  return seconds > 0 ? seconds : undefined;
}

/** Writes `6h`, by the largest unit that divides whole seconds; weeks are written in days. */
export function formatDuration(seconds: number): string {
  const [name, size] = UNITS.slice(1).find(([, unit]) => seconds >= unit && seconds % unit === 0) ?? ['s', 1];
  return `${seconds / size}${name}`;
}

/** How long something is or was, to one unit: `8 s`, `5 min`, `3 h`, `2 d`. */
export function roughDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const two = '2-digit';
    const parts = { year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const;
    format = new Intl.DateTimeFormat('en', { ...parts, timeZone, hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  return format;
}
