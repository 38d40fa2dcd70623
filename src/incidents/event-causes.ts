import { concerns, type MarkerEvent } from '../markers/marker-event.js';
import type { EventCause, Incident, Member } from './incident.js';

/** What happened longer before the first alarm is not looked at. */
const WINDOW_MS = 30 * 60_000;
/** An alarm begins with its step, and an event is seen when it is scraped: it may come later by this share of the alarm's gap. */
const LATE_SHARE = 1 / 5;
/** An event that concerns fewer members, and not the first of them, is a coincidence. */
const MIN_SHARE = 0.5;
const MAX_CAUSES = 3;
/** The first members speak for all, and the newest events for those before: what this costs is bounded. */
const FIRST_MEMBERS = 500;
const MAX_EVENTS = 200;

/** Where events are looked up. */
export interface EventSource {
  /** Grows with every event. */
  readonly version: number;
  /** Events within [startMs, endMs], ascending in time. */
  between(startMs: number, endMs: number): readonly MarkerEvent[];
}

/** The same change, of one thing or of several: an incident may come from a restart of twenty instances. */
interface Happening {
  readonly events: MarkerEvent[];
  readonly concerned: Set<Member>;
}

/**
 * What happened shortly before an incident to what its members speak of, the likeliest first: what concerns most of them, then
 * what is closest to the first alarm.
 */
export function eventCausesOf({ members }: Pick<Incident, 'members'>, source: EventSource): EventCause[] {
  const first = members.slice(0, FIRST_MEMBERS);
  const [{ onsetMs, gapMs }] = first as [Member];
  const lateMs = gapMs * LATE_SHARE;
  const happenings = new Map<string, Happening>();
  // What comes after the last of them began must not crowd out what came before.
  const events = source.between(onsetMs - WINDOW_MS, first.at(-1)!.onsetMs + lateMs).slice(-MAX_EVENTS);
  for (const event of events) {
    const concerned = first.filter(({ labels }) => concerns(event, labels));
    if (concerned.length === 0 || event.timeMs > concerned[0]!.onsetMs + lateMs) continue;
    const key = keyOf(event);
    const known = happenings.get(key) ?? { events: [], concerned: new Set() };
    happenings.set(key, known);
    known.events.push(event);
    for (const member of concerned) known.concerned.add(member);
  }
  return [...happenings.values()]
    .filter(({ concerned }) => concerned.has(first[0]!) || concerned.size >= MIN_SHARE * first.length)
    .map(({ events, concerned }) =>
      causeOf(
        events,
        first.filter((member) => concerned.has(member)),
      ),
    )
    .sort((a, b) => b.series - a.series || a.leadMs - b.leadMs || (keyOf(a.event) < keyOf(b.event) ? -1 : 1))
    .slice(0, MAX_CAUSES);
}

function causeOf(events: readonly MarkerEvent[], concerned: readonly Member[]): EventCause {
  const [event] = events as [MarkerEvent];
  const { onsetMs } = concerned[0]!;
  return {
    event,
    events: events.length,
    series: concerned.length,
    firstMs: onsetMs,
    leadMs: Math.max(0, onsetMs - event.timeMs),
  };
}

/** Values differ from thing to thing, as times of starts do; labels that change alike changed together. */
function keyOf({ marker, metric, changes }: MarkerEvent): string {
  return JSON.stringify([marker, metric, changes.filter(({ label }) => label !== undefined)]);
}
