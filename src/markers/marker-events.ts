import type { MarkerEvent } from './marker-event.js';

/** The newest of each marker. */
const MAX_EVENTS_PER_MARKER = 1000;

/** The last events of each marker, in order of time. */
export class MarkerEvents {
  readonly #byMarker = new Map<string, MarkerEvent[]>();

  /** Adds an event, which may be older than others; the oldest beyond 1,000 of its marker are forgotten. */
  add(event: MarkerEvent): void {
    const events = this.#byMarker.get(event.marker) ?? [];
    this.#byMarker.set(event.marker, events);
    const newer = events.findLastIndex(({ timeMs }) => timeMs <= event.timeMs) + 1;
    events.splice(newer, 0, event);
    if (events.length > MAX_EVENTS_PER_MARKER) events.shift();
  }

  /** Events within [startMs, endMs], ascending in time; of one time in the order of their markers' names. */
  between(startMs: number, endMs: number): MarkerEvent[] {
    const found: MarkerEvent[] = [];
    for (const events of this.#byMarker.values()) {
      const first = firstFrom(events, startMs);
      for (let i = first; i < events.length && events[i]!.timeMs <= endMs; i++) found.push(events[i]!);
    }
    return found.sort((a, b) => a.timeMs - b.timeMs || (a.marker < b.marker ? -1 : a.marker > b.marker ? 1 : 0));
  }

  clear(): void {
    this.#byMarker.clear();
  }
}

/** The index of the first event at `timeMs` or later. */
function firstFrom(events: readonly MarkerEvent[], timeMs: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle]!.timeMs < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
