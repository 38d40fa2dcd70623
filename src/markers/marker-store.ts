import { formatLabels, type Labels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { compileMatchers } from '../model/labels/matcher.js';
import type { MarkerSink } from '../model/samples/marker-sink.js';
import type { MarkerSettings } from '../model/settings/marker.js';
import { concerns, type MarkerChange, type MarkerEvent } from './marker-event.js';
import { MarkerEvents } from './marker-events.js';
import { type GroupMember, MarkerGroup } from './marker-group.js';
import { formatMarkers, type MarkerState, parseMarkers } from './marker-state.js';

/** Series of all markers together: some 5 MB. */
export const MAX_SERIES = 10_000;
/** Where there is no room, series that were silent for so long make room, the oldest first, and this share of all at most. */
const SILENT_MS = 3_600_000;
const SHARE_TO_FORGET = 1 / 10;
/** Another replica is listened to when the last one has been silent for longer. */
const REPLICA_TIMEOUT_MS = 60_000;
/** A thing that changes more often changes by nature: what is beyond is no event. */
const MAX_EVENTS_PER_HOUR = 12;
const HOUR_MS = 3_600_000;

/** What changes more often than this is dropped, or has no room. */
export const DROP_REASONS = ['too_often', 'series_limit'] as const;

interface Marker {
  readonly settings: MarkerSettings;
  readonly matches: (labels: Labels) => boolean;
  readonly groups: Map<string, Group>;
}

interface Group {
  readonly key: string;
  readonly metric: string;
  readonly labels: Labels;
  readonly states: MarkerGroup;
  /** Times of its events within the last hour before the newest. */
  eventsMs: number[];
}

interface MarkedSeries extends GroupMember {
  readonly key: string;
  readonly labels: Labels;
  readonly marker: Marker;
  readonly group: Group;
  /** The replica that is listened to; `''` where it may be any. */
  sender: string;
  readonly refs: number[];
}

/**
 * Finds the events that markers name in the samples of their series, and keeps the last ones. Pure: it reads no clock, and what it
 * finds depends on the samples alone. Bounded: 10,000 series, 1,000 events a marker.
 */
export class MarkerStore implements MarkerSink {
  #markers: Marker[] = [];
  readonly #series = new Map<string, MarkedSeries>();
  readonly #refs = new Map<number, { readonly series: MarkedSeries; readonly sender: string }>();
  readonly #events = new MarkerEvents();
  #nextRef = 0;
  #newestMs = Number.NEGATIVE_INFINITY;
  readonly #counts = new Map<string, number>();
  readonly #dropped: Record<(typeof DROP_REASONS)[number], number> = { too_often: 0, series_limit: 0 };
  #version = 0;

  constructor(markers: readonly MarkerSettings[] = []) {
    this.setMarkers(markers);
  }

  /** Series that are known, by the name of their marker. */
  get seriesByMarker(): Record<string, number> {
    const counts = Object.fromEntries(this.#markers.map(({ settings }) => [settings.name, 0]));
    for (const { marker } of this.#series.values()) counts[marker.settings.name]!++;
    return counts;
  }

  /** Events since the start of the process, by the name of their marker. */
  get eventsByMarker(): Record<string, number> {
    return Object.fromEntries(this.#markers.map(({ settings: { name } }) => [name, this.#counts.get(name) ?? 0]));
  }

  /** What was dropped since the start of the process: events of what changes too often, series there was no room for. */
  get dropped(): Readonly<Record<(typeof DROP_REASONS)[number], number>> {
    return this.#dropped;
  }

  /** Grows with every event. */
  get version(): number {
    return this.#version;
  }

  /** Applies other markers. Series that one of them names keep what is known of them, and events of markers that are gone are dropped. */
  setMarkers(markers: readonly MarkerSettings[]): void {
    const state = this.#state();
    this.#markers = markers.map((settings) => {
      const tests = settings.selectors.map((selector) => compileMatchers(selector));
      return { settings, matches: (labels) => tests.some((test) => test(labels)), groups: new Map() };
    });
    this.#series.clear();
    this.#refs.clear();
    this.#events.clear();
    this.#restore(state);
  }

  isMarker(labels: Labels): boolean {
    return this.#markerOf(labels) !== undefined;
  }

  find(labels: Labels, sender: string): number {
    const series = this.#seriesOf(labels);
    if (series === undefined) return -1;
    for (const ref of series.refs) if (this.#refs.get(ref)!.sender === sender) return ref;
    const ref = this.#nextRef++;
    this.#refs.set(ref, { series, sender });
    series.refs.push(ref);
    // A sender that has another name after every start.
    if (series.refs.length > MAX_SENDERS) this.#refs.delete(series.refs.shift()!);
    return ref;
  }

  has(ref: number): boolean {
    return this.#refs.has(ref);
  }

  append(ref: number, timeMs: number, value: number): void {
    const found = this.#refs.get(ref);
    if (found === undefined || Number.isNaN(value)) return;
    const { series, sender } = found;
    if (!isListenedTo(series, sender, timeMs)) return;
    series.sender = sender;
    this.#newestMs = Math.max(this.#newestMs, timeMs);
    const { marker, group, labels } = series;
    const names = marker.settings.labels;
    const state = names.length === 0 ? String(value) : stateOf(labels, names);
    const before = group.states.observe(series, timeMs, state);
    if (before !== undefined) this.#note(series, timeMs, changesOf(names, before, state));
  }

  appendStale(ref: number, timeMs: number): void {
    const found = this.#refs.get(ref);
    if (found === undefined || !isListenedTo(found.series, found.sender, timeMs)) return;
    found.series.hasEnded = true;
  }

  /** Events within [startMs, endMs], ascending in time. */
  between(startMs: number, endMs: number): MarkerEvent[] {
    return this.#events.between(startMs, endMs);
  }

  /** Those of them that may concern a series. */
  concerning(labels: Labels, startMs: number, endMs: number): MarkerEvent[] {
    return this.between(startMs, endMs).filter((event) => concerns(event, labels));
  }

  /** All that has to outlive the process, as text in pieces. */
  *save(): Generator<Uint8Array> {
    for (const line of formatMarkers(this.#state())) yield Buffer.from(line);
  }

  /** Takes over what `save` gave, as far as there are markers for it. Throws, with nothing restored, for anything else. */
  restore(text: string): void {
    this.#restore(parseMarkers(text));
  }

  #state(): MarkerState {
    return {
      events: this.between(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
      series: [...this.#series.values()].flatMap(({ marker, labels, state, lastMs, hasEnded }) => {
        if (state === undefined) return [];
        return [{ labels, lastMs, hasEnded, ...(marker.settings.labels.length === 0 && { value: state }) }];
      }),
    };
  }

  #restore({ events, series }: MarkerState): void {
    const names = new Set(this.#markers.map(({ settings }) => settings.name));
    for (const event of events) if (names.has(event.marker)) this.#events.add(event);
    for (const { labels, value, lastMs, hasEnded } of series) {
      const marker = this.#markerOf(labels);
      if (marker === undefined || this.#series.size >= MAX_SERIES) continue;
      const names = marker.settings.labels;
      this.#add(marker, labels, { state: names.length === 0 ? value : stateOf(labels, names), lastMs, hasEnded });
      this.#newestMs = Math.max(this.#newestMs, lastMs);
    }
    this.#version++;
  }

  #markerOf(labels: Labels): Marker | undefined {
    return this.#markers.find(({ matches }) => matches(labels));
  }

  /** The series of these labels, added where it is new; undefined where no marker names it, or there is no room. */
  #seriesOf(labels: Labels): MarkedSeries | undefined {
    const known = this.#series.get(formatLabels(labels));
    if (known !== undefined) return known;
    const marker = this.#markerOf(labels);
    if (marker === undefined) return undefined;
    if (this.#series.size >= MAX_SERIES) this.#makeRoom();
    if (this.#series.size >= MAX_SERIES) {
      this.#dropped.series_limit++;
      return undefined;
    }
    return this.#add(marker, labels, { state: undefined, lastMs: Number.NEGATIVE_INFINITY, hasEnded: false });
  }

  #add(marker: Marker, labels: Labels, member: GroupMember): MarkedSeries {
    const group = groupOf(marker, labels);
    const series = { ...member, key: formatLabels(labels), labels, marker, group, sender: '', refs: [] };
    this.#series.set(series.key, series);
    group.states.add(series);
    return series;
  }

  #makeRoom(): void {
    const silent = [...this.#series.values()].filter(({ lastMs }) => lastMs < this.#newestMs - SILENT_MS);
    silent.sort((a, b) => a.lastMs - b.lastMs || (a.key < b.key ? -1 : 1));
    for (const series of silent.slice(0, MAX_SERIES * SHARE_TO_FORGET)) {
      this.#series.delete(series.key);
      for (const ref of series.refs) this.#refs.delete(ref);
      series.group.states.remove(series);
      if (series.group.states.size === 0) series.marker.groups.delete(series.group.key);
    }
  }

  #note({ marker, group }: MarkedSeries, timeMs: number, changes: readonly MarkerChange[]): void {
    const { name } = marker.settings;
    group.eventsMs = group.eventsMs.filter((eventMs) => eventMs > timeMs - HOUR_MS);
    if (group.eventsMs.length >= MAX_EVENTS_PER_HOUR) {
      this.#dropped.too_often++;
      return;
    }
    group.eventsMs.push(timeMs);
    this.#events.add({ marker: name, metric: group.metric, timeMs, labels: group.labels, changes });
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#version++;
  }
}

/** Label sets under which one series is sent: a pair of replicas, each started a few times. */
const MAX_SENDERS = 8;

/** Whether a sample is taken in: one that is later than the last, of the replica that is listened to. */
function isListenedTo(series: MarkedSeries, sender: string, timeMs: number): boolean {
  if (!(timeMs > series.lastMs)) return false;
  const isOther = series.sender !== '' && sender !== '' && series.sender !== sender;
  return !isOther || series.hasEnded || timeMs - series.lastMs > REPLICA_TIMEOUT_MS;
}

/** The group of a series, made where it is the first of it. */
function groupOf({ settings, groups }: Marker, labels: Labels): Group {
  const { by } = settings;
  const metric = labelValue(labels, METRIC_NAME);
  const own = labels.filter(({ name }) => name !== METRIC_NAME && (by === undefined || by.includes(name)));
  const key = formatLabels([{ name: METRIC_NAME, value: metric }, ...own]);
  const known = groups.get(key);
  if (known !== undefined) return known;
  const group = { key, metric, labels: own, states: new MarkerGroup(settings.labels.length > 0), eventsMs: [] };
  groups.set(key, group);
  return group;
}

function stateOf(labels: Labels, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => labelValue(labels, name)));
}

/** What differs between two states. */
function changesOf(names: readonly string[], before: string, after: string): MarkerChange[] {
  if (names.length === 0) return [{ from: before, to: after }];
  const [from, to] = [JSON.parse(before) as string[], JSON.parse(after) as string[]];
  return names.flatMap((label, i) => (from[i] === to[i] ? [] : [{ label, from: from[i]!, to: to[i]! }]));
}
