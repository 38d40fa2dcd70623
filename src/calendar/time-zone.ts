import { Temporal } from 'temporal-polyfill';
import { UsageError } from '../lib/errors.js';

const DAY_MS = 86_400_000;
/** Instants outside are taken for the nearest one inside: the rules of zones are known for about this long. */
const FIRST_MS = Date.UTC(1900, 0, 1);
const LAST_MS = Date.UTC(2200, 0, 1);

/** A span, [fromMs, toMs), in which the local clock is `offsetMs` ahead of UTC. */
interface Segment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offsetMs: number;
}

/**
 * A time zone of the IANA database, as `timeZone()` returns it. A local time is written as milliseconds too: those of the
 * same reading of a UTC clock. Reads no clock.
 */
export class TimeZone {
  readonly name: string;
  /** Ascending, as far as they were asked for; a zone has some 300 of them in all. */
  readonly #segments: Segment[] = [];
  #last: Segment | undefined;

  /** Throws `UsageError` for a name that is not in the database. */
  constructor(name: string) {
    this.name = name;
    if (name === 'UTC') this.#last = { fromMs: -Infinity, toMs: Infinity, offsetMs: 0 };
    else this.offsetMs(0);
  }

  /** How far the local clock is ahead of UTC at an instant. */
  offsetMs(timeMs: number): number {
    const last = this.#last;
    // Fast path: instants that follow each other are nearly always under one rule.
    if (last !== undefined && timeMs >= last.fromMs && timeMs < last.toMs) return last.offsetMs;
    const segment = this.#find(timeMs);
    this.#last = segment;
    return segment.offsetMs;
  }

  /** The reading of the local clock at an instant. */
  toLocal(timeMs: number): number {
    return timeMs + this.offsetMs(timeMs);
  }

  /** The instant of a local time: the earlier one of two, and for a time that is skipped the reading it would have had. */
  toInstant(localMs: number): number {
    const early = localMs - this.offsetMs(localMs - DAY_MS);
    if (early + this.offsetMs(early) === localMs) return early;
    const late = localMs - this.offsetMs(localMs + DAY_MS);
    return late + this.offsetMs(late) === localMs ? late : early;
  }

  /** The instant at which the local clock showed the same time so many days before; negative days are after. */
  daysBefore(timeMs: number, days: number): number {
    const offsetMs = this.offsetMs(timeMs);
    const sameOffset = timeMs - days * DAY_MS;
    const change = offsetMs - this.offsetMs(sameOffset);
    return change === 0 ? sameOffset : this.toInstant(sameOffset + offsetMs);
  }

  /** When the local clock is next set ahead or back after an instant; Infinity if it is not known to be. */
  nextChangeMs(timeMs: number): number {
    return this.#find(timeMs).toMs;
  }

  #find(timeMs: number): Segment {
    const atMs = Number.isNaN(timeMs) ? 0 : Math.min(Math.max(timeMs, FIRST_MS), LAST_MS);
    const known = this.#segments.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs) ?? this.#last;
    if (known !== undefined && atMs >= known.fromMs && atMs < known.toMs) return known;
    const segment = readSegment(this.name, Math.floor(atMs));
    this.#segments.push(segment);
    return segment;
  }
}

/** Asks the time zone database for the span around an instant in which the offset stays the same. */
function readSegment(name: string, timeMs: number): Segment {
  const at = zoned(name, timeMs);
  const next = at.getTimeZoneTransition('next');
  // One that is at this very instant is no previous one of it.
  const previous = zoned(name, timeMs + 1).getTimeZoneTransition('previous');
  return {
    fromMs: previous === null || previous.epochMilliseconds < FIRST_MS ? -Infinity : previous.epochMilliseconds,
    toMs: next === null || next.epochMilliseconds >= LAST_MS ? Infinity : next.epochMilliseconds,
    offsetMs: at.offsetNanoseconds / 1e6,
  };
}

function zoned(name: string, timeMs: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(name);
}

export const UTC = new TimeZone('UTC');

const zones = new Map([['UTC', UTC]]);

/** As a name of the database looks: an offset such as +02:00 has no summer time, and nobody means that by a zone. */
const ZONE_NAME = /^[A-Za-z][\w+-]*(\/[\w+-]+)*$/;

/** The zone of an IANA name, such as Europe/Berlin: the same object at each call. Throws `UsageError`. */
export function timeZone(name: string): TimeZone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = readZone(name);
    zones.set(name, zone);
  }
  return zone;
}

function readZone(name: string): TimeZone {
  try {
    if (ZONE_NAME.test(name)) return new TimeZone(name);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
  }
  throw new UsageError('must be a name of the IANA time zone database such as Europe/Berlin');
}
