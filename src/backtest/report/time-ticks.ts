import { timeZone } from '../../calendar/time-zone.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Distances that people count time in, up to four weeks; beyond these, multiples of the last. */
const DISTANCES_MS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY_MS),
];

/** About `count` labels within a range, at round times of the clock of a zone. */
export function timeTicks(
  fromMs: number,
  untilMs: number,
  { count, zone }: { count: number; zone: string },
): { timeMs: number; text: string }[] {
  const clock = timeZone(zone);
  const atLeastMs = (untilMs - fromMs) / count;
  const last = DISTANCES_MS.at(-1)!;
  const distanceMs = DISTANCES_MS.find((distance) => distance >= atLeastMs) ?? Math.ceil(atLeastMs / last) * last;
  const ticks: { timeMs: number; text: string }[] = [];
  const untilLocalMs = clock.toLocal(untilMs);
  for (
    let localMs = Math.ceil(clock.toLocal(fromMs) / distanceMs) * distanceMs;
    localMs < untilLocalMs;
    localMs += distanceMs
  ) {
    const text = new Date(localMs).toISOString();
    const timeMs = clock.toInstant(localMs);
    ticks.push({
      timeMs,
      text: distanceMs > last ? text.slice(0, 7) : localMs % DAY_MS === 0 ? text.slice(5, 10) : text.slice(11, 16),
    });
  }
  return ticks;
}
