import { monthTime } from './months.js';
import type { TimeZone } from './time-zone.js';

/*
 * The clock of the seasons: pieces of time in which the local clock is so far ahead of UTC. Seasons follow it, the trend does
 * not, so that a peak at 09:00 stays at 09:00 when the clock is changed. As numbers alone it is handed to threads and kept with
 * models: triples in order of time, `FROM`, `OFFSET` and `SHIFT`.
 */

/** Within a triple: the instant from which on it holds. */
const FROM = 0;
/** How many ms the local clock is ahead of UTC. */
const OFFSET = 1;
/** By how many ms the day is moved within the week, where it is expected to look like another day. */
const SHIFT = 2;
export const PIECE_LENGTH = 3;

/** UTC, at all times. */
export const UTC_CLOCK = new Float64Array(0);

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** A span in which days are moved within the week. */
export interface DayShift {
  readonly fromMs: number;
  readonly toMs: number;
  readonly shiftMs: number;
}

/**
 * The clock of a zone between two instants; before and after them the nearest offset holds. `shifts` are ascending and do not
 * overlap.
 */
export function clockOf(zone: TimeZone, fromMs: number, toMs: number, shifts: readonly DayShift[] = []): Float64Array {
  const edges = new Set(shifts.flatMap((shift) => [shift.fromMs, shift.toMs]).filter((edge) => edge > fromMs));
  for (let atMs = zone.nextChangeMs(fromMs); atMs <= toMs; atMs = zone.nextChangeMs(atMs)) edges.add(atMs);
  const shiftAt = (timeMs: number) =>
    shifts.find((shift) => timeMs >= shift.fromMs && timeMs < shift.toMs)?.shiftMs ?? 0;
  const pieces = [Number.NEGATIVE_INFINITY, zone.offsetMs(fromMs), shiftAt(fromMs)];
  for (const edge of [...edges].sort((a, b) => a - b)) pieces.push(edge, zone.offsetMs(edge), shiftAt(edge));
  const isUtc = pieces.every((value, i) => i % PIECE_LENGTH === FROM || value === 0);
  return isUtc ? UTC_CLOCK : Float64Array.from(pieces);
}

/**
 * Index of the triple that holds at an instant, of `count` triples from `at` on in `data`; −1 where UTC holds. Allocates
 * nothing.
 */
export function pieceAt(data: Float64Array, at: number, count: number, timeMs: number): number {
  let piece = at + PIECE_LENGTH * (count - 1);
  while (piece >= at && timeMs < data[piece + FROM]!) piece -= PIECE_LENGTH;
  return piece >= at ? piece : -1;
}

/** What the local clock shows at an instant, which the triple at `piece` holds for. */
function localTime(data: Float64Array, piece: number, timeMs: number): number {
  return piece < 0 ? timeMs : timeMs + data[piece + OFFSET]!;
}

/** The same, moved to the day of the week that this day is expected to look like. */
export function weekTime(data: Float64Array, piece: number, timeMs: number): number {
  return piece < 0 ? timeMs : timeMs + data[piece + OFFSET]! + data[piece + SHIFT]!;
}

/** The time by which a season of calendar months goes, with `MEAN_MONTH_MS` for its period. */
export function monthSeasonTime(data: Float64Array, piece: number, timeMs: number): number {
  return monthTime(localTime(data, piece, timeMs));
}

/**
 * The time by which a season of this period goes. A period that neither divides a day nor is longer has nothing to do with
 * the clock on the wall: it goes on through a change of it. One longer than a week knows no days of the week.
 */
export function seasonTime(data: Float64Array, piece: number, timeMs: number, periodMs: number): number {
  if (piece < 0 || (periodMs < DAY_MS && DAY_MS % periodMs !== 0)) return timeMs;
  return periodMs <= WEEK_MS ? weekTime(data, piece, timeMs) : localTime(data, piece, timeMs);
}
