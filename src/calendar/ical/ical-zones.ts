import { UsageError } from '../../lib/errors.js';
import { timeZone } from '../time-zone.js';
import { type IcalComponent, propertyOf } from './ical-document.js';
import { recurrences } from './ical-recurrence.js';
import { readingOf, type Years } from './ical-time.js';

/** The instant of a local time, both in milliseconds; a local time is the same reading of a UTC clock. */
export type ToInstant = (localMs: number) => number;

/** From this local time on the clock is `offsetMs` ahead of UTC. */
interface Onset {
  readonly localMs: number;
  readonly offsetMs: number;
}

/** Where no rule of a VTIMEZONE holds yet in the first year, the one of the years before does. */
const YEARS_BEFORE = 1;

/**
 * The time zones that entries of a calendar may name: those of the IANA database, also with a prefix as some programs write
 * it, else those that the calendar defines itself (VTIMEZONE), as Outlook does.
 */
export function zonesOf(calendar: IcalComponent, years: Years): (name: string) => ToInstant {
  const known = new Map<string, ToInstant>();
  return (name) => {
    let zone = known.get(name);
    if (zone === undefined) {
      zone = ianaZone(name) ?? definedZone(calendar, name, years);
      known.set(name, zone);
    }
    return zone;
  };
}

function ianaZone(name: string): ToInstant | undefined {
  for (const candidate of [name, name.split('/').slice(-2).join('/')]) {
    try {
      const zone = timeZone(candidate);
      return (localMs) => zone.toInstant(localMs);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return undefined;
}

function definedZone(calendar: IcalComponent, name: string, { first, last }: Years): ToInstant {
  const definition = calendar.components.find(
    (component) => component.name === 'VTIMEZONE' && propertyOf(component, 'TZID')?.value === name,
  );
  if (definition === undefined)
    throw new UsageError(`has entries of a time zone ${JSON.stringify(name)}, which is neither known nor defined`);
  const onsets = definition.components
    .flatMap((rule) => onsetsOf(rule, { first: first - YEARS_BEFORE, last }))
    .sort((a, b) => a.localMs - b.localMs);
  return (localMs) => {
    const onset = onsets.findLast((other) => other.localMs <= localMs) ?? onsets[0];
    if (onset === undefined) throw new UsageError(`defines a time zone ${JSON.stringify(name)} without an offset`);
    return localMs - onset.offsetMs;
  };
}

function onsetsOf(rule: IcalComponent, years: Years): Onset[] {
  const start = propertyOf(rule, 'DTSTART');
  const offset = propertyOf(rule, 'TZOFFSETTO');
  if (start === undefined || offset === undefined) return [];
  const offsetMs = parseOffset(offset.value);
  const firstMs = readingOf(start.value).localMs;
  const recurrence = propertyOf(rule, 'RRULE')?.value;
  const later = recurrence === undefined ? [] : recurrences(recurrence, firstMs, years);
  return [firstMs, ...later].map((localMs) => ({ localMs, offsetMs }));
}

/** `+0100`, `-0330`. */
function parseOffset(text: string): number {
  const [, sign, hours, minutes, seconds = '0'] = /^([+-])(\d\d)(\d\d)(\d\d)?$/.exec(text) ?? [];
  if (sign === undefined) throw new UsageError(`has a time zone with an offset ${JSON.stringify(text)}`);
  return (sign === '-' ? -1000 : 1000) * (3600 * Number(hours) + 60 * Number(minutes) + Number(seconds));
}
