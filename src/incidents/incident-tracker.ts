import { createHash } from 'node:crypto';
import { formatLabels, type Labels } from '../model/labels/labels.js';
import { causesOf } from './causes.js';
import { ClosedIncidents } from './closed-incidents.js';
import { type EventSource, eventCausesOf } from './event-causes.js';
import type { Group } from './group.js';
import { byOnset, type Incident, type Member } from './incident.js';
import { type Pair, Population } from './population.js';
import { findGroups, type Scan } from './scan.js';
import { sortInSlices } from './sort-in-slices.js';

/** Alarms are grouped with those of an incident that grew no longer ago than this. */
const GROWS_FOR_MS = 30 * 60_000;
/** A member that is silent for longer than this many of its gaps does not keep its incident open. */
const GAPS_TO_CLOSE = 1.5;
/** An incident takes another one in if it explains at least this share of its members. */
const MERGE_SHARE = 0.5;
/** Members of open incidents together; alarms beyond are counted and left out. */
const MAX_OPEN_MEMBERS = 50_000;
const MAX_FORMER_IDS = 20;
const ID_DIGITS = 10;
const MEMBERS_A_SLICE = 1024;
const SINGLES_A_SLICE = 128;

/** A series in alarm, or missing. */
export interface AlarmReport {
  /** Start of the first step of the alarm; of a missing series its last sample. */
  readonly onsetMs: number;
  /** End of the step scored last. */
  readonly timeMs: number;
  /** Alarms no further apart than this are one. */
  readonly gapMs: number;
  /** Of that step; NaN for a missing series. */
  readonly score: number;
  readonly kind: string;
  readonly side: Member['side'];
}

export interface IncidentTrackerOptions {
  /** The labels of a tracked series, and its rule. */
  readonly describe: (series: number) => { readonly labels: Labels; readonly rule: string };
  /** What happened from outside; nothing by default. */
  readonly events?: EventSource;
}

/**
 * Makes incidents of alarms: which of them belong together, since when, what they share, where it may come from. Is handed
 * the alarms with their times; reads no clock. What it finds depends on which alarms there are, not on the order in which they
 * are reported between two updates.
 */
export class IncidentTracker {
  readonly population = new Population();
  readonly #describe: IncidentTrackerOptions['describe'];
  readonly #events: EventSource | undefined;
  /** That of the events when they were last looked at. */
  #eventsVersion = 0;
  /** By series: its alarm in an open incident, or one that has no incident yet. */
  readonly #members = new Map<number, Member>();
  /** Alarms that came since the last update. */
  #fresh: Member[] = [];
  /** Members of restored incidents by their labels, until their series are added. */
  readonly #restored = new Map<string, Member>();
  #open: Incident[] = [];
  readonly #closed = new ClosedIncidents();
  #openMembers = 0;
  #opened = 0;
  #merged = 0;
  #dropped = 0;

  constructor({ describe, events }: IncidentTrackerOptions) {
    this.#describe = describe;
    this.#events = events;
  }

  /** Open incidents and the last closed ones, newest start first. */
  get incidents(): Incident[] {
    return [...this.#closed.list, ...this.#open].sort((a, b) => b.startMs - a.startMs || (a.id < b.id ? -1 : 1));
  }

  get open(): readonly Incident[] {
    return this.#open;
  }

  get closed(): readonly Incident[] {
    return this.#closed.list;
  }

  /** Since the start of the process: incidents opened, those merged into another, alarms there was no room for. */
  get counts(): { readonly opened: number; readonly merged: number; readonly dropped: number } {
    return { opened: this.#opened, merged: this.#merged, dropped: this.#dropped };
  }

  /** The incident with an id, also one that was merged into another since. */
  find(id: string): Incident | undefined {
    const all = [...this.#open, ...this.#closed.list];
    return all.find((incident) => incident.id === id) ?? all.find(({ formerIds }) => formerIds.includes(id));
  }

  addSeries(series: number): void {
    const { labels, rule } = this.#describe(series);
    this.population.add(series, labels, rule);
    // After a restart its incident may be open.
    if (this.#restored.size === 0) return;
    const key = formatLabels(labels);
    const member = this.#restored.get(key);
    if (member !== undefined) this.#members.set(series, member);
    this.#restored.delete(key);
  }

  /** Forgets a series; its incident remembers it. */
  removeSeries(series: number): void {
    this.population.remove(series);
    this.#members.delete(series);
  }

  /** Takes in that a series is in alarm, once an evaluation. */
  report(series: number, alarm: AlarmReport): void {
    const member = this.#memberFor(series, alarm) ?? this.#begin(series, alarm);
    if (member === undefined) return;
    const { incident } = member;
    member.lastMs = Math.max(member.lastMs, alarm.timeMs);
    if (incident !== undefined) incident.lastMs = Math.max(incident.lastMs, member.lastMs);
    if (alarm.side === 'missing') {
      if (incident !== undefined && member.side !== 'missing') incident.missingSeries++;
      member.side = 'missing';
      member.kind = alarm.kind;
    }
    if (!(alarm.score > member.peakScore)) return;
    member.peakScore = alarm.score;
    if (member.side !== 'missing') Object.assign(member, { kind: alarm.kind, side: alarm.side });
    if (incident !== undefined) incident.peakScore = Math.max(incident.peakScore, alarm.score);
  }

  /** The member that an alarm continues; undefined where its incident is over, though no update has closed it yet. */
  #memberFor(series: number, { onsetMs, gapMs }: AlarmReport): Member | undefined {
    const member = this.#members.get(series);
    const lastMs = member?.incident?.lastMs ?? Number.POSITIVE_INFINITY;
    return onsetMs - lastMs > GAPS_TO_CLOSE * gapMs ? undefined : member;
  }

  #begin(series: number, { onsetMs, timeMs, gapMs, kind, side }: AlarmReport): Member | undefined {
    if (this.#openMembers >= MAX_OPEN_MEMBERS) {
      this.#dropped++;
      return undefined;
    }
    const { labels, rule } = this.#describe(series);
    const member: Member = {
      key: formatLabels(labels),
      labels,
      rule,
      pairs: this.population.internAll(labels, rule),
      onsetMs,
      lastMs: timeMs,
      gapMs,
      peakScore: 0,
      kind,
      side,
      incident: undefined,
    };
    this.#members.set(series, member);
    this.#fresh.push(member);
    this.#openMembers++;
    return member;
  }

  /**
   * Brings the incidents up to a time: groups the alarms that came, closes what is over. A generator that yields between pieces
   * of work; alarms that are reported meanwhile belong to the next update. One update at a time.
   */
  *update(timeMs: number): Generator<void> {
    const reported = this.#fresh;
    this.#fresh = [];
    const fresh = yield* sortInSlices(reported, byOnset);
    if (fresh.length > 0) {
      const settled: Incident[] = [];
      const growing: Member[] = [];
      let looked = 0;
      for (const incident of this.#open) {
        if (++looked % MEMBERS_A_SLICE === 0) yield;
        if (timeMs - incident.grewMs > GROWS_FOR_MS) {
          if (incident.groupedBy !== undefined) settled.push(incident);
        } else for (const member of incident.members) growing.push(member);
      }
      const free = fresh.filter((member) => !this.#joinSettled(member, settled));
      const members = yield* sortInSlices([...growing, ...free], byOnset);
      const scan = yield* findGroups(this.population, members);
      yield;
      for (const group of scan.groups) {
        this.#apply(group);
        yield;
      }
      let done = 0;
      for (const member of free) {
        if (member.incident !== undefined) continue;
        this.#create([member], undefined, 1);
        if (++done % SINGLES_A_SLICE === 0) yield;
      }
      yield;
      done = 0;
      for (const incident of this.#open) {
        if (timeMs - incident.grewMs > GROWS_FOR_MS) continue;
        this.#refresh(incident, scan);
        done += incident.members.length;
        if (done > MEMBERS_A_SLICE) {
          done = 0;
          yield;
        }
      }
    }
    yield* this.#lookForEvents(timeMs, fresh.length > 0);
    yield* this.#settle(timeMs);
  }

  /** Adds a new alarm to an open incident that grows no more, if it has the label value that its members came together by. */
  #joinSettled(member: Member, settled: readonly Incident[]): boolean {
    for (const incident of settled) {
      const { groupedBy, grewMs } = incident;
      if (groupedBy === undefined || !this.#has(member, groupedBy)) continue;
      this.#add(incident, [member]);
      // It is not grouped with all that happens from now on.
      incident.grewMs = grewMs;
      incident.shared = this.#sharedBy(incident.members);
      return true;
    }
    return false;
  }

  #has({ pairs }: Member, { name, value }: Pair): boolean {
    return pairs.some((pair) => {
      const own = this.population.pair(pair);
      return own.name === name && own.value === value;
    });
  }

  /** Makes a group one incident: the oldest of those it explains, with all others of them and the alarms that have none. */
  #apply({ pair, members, of }: Group): void {
    const explained = new Map<Incident, number>();
    for (const { incident } of members) {
      if (incident !== undefined) explained.set(incident, (explained.get(incident) ?? 0) + 1);
    }
    const whole = [...explained]
      .filter(([incident, count]) => count >= MERGE_SHARE * incident.members.length)
      .map(([incident]) => incident)
      .sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
    const free = members.filter(({ incident }) => incident === undefined);
    const groupedBy = pair === undefined ? undefined : this.population.pair(pair);
    const [target, ...others] = whole;
    if (target === undefined) {
      if (free.length > 0) this.#create(free, groupedBy, of);
      return;
    }
    if (free.length === 0 && others.length === 0) return;
    for (const other of others) this.#merge(target, other);
    this.#add(target, free);
    target.groupedBy = groupedBy;
    target.of = of;
  }

  #create(members: Member[], groupedBy: Pair | undefined, of: number): void {
    const [first] = members;
    const hash = createHash('sha256').update(`${first!.onsetMs} ${first!.key}`).digest('hex');
    const incident: Incident = {
      id: hash.slice(0, ID_DIGITS),
      startMs: first!.onsetMs,
      lastMs: Number.NEGATIVE_INFINITY,
      isOpen: true,
      grewMs: Number.NEGATIVE_INFINITY,
      groupedBy,
      of,
      shared: [],
      members: [],
      series: 0,
      missingSeries: 0,
      peakScore: 0,
      peakSeries: 0,
      causes: [],
      events: [],
      formerIds: [],
    };
    this.#open.push(incident);
    this.#opened++;
    this.#add(incident, members);
    incident.shared = this.#sharedBy(incident.members);
  }

  #add(incident: Incident, members: readonly Member[]): void {
    for (const member of members) {
      member.incident = incident;
      incident.startMs = Math.min(incident.startMs, member.onsetMs);
      incident.lastMs = Math.max(incident.lastMs, member.lastMs);
      // Of a missing series the onset is long ago.
      incident.grewMs = Math.max(incident.grewMs, member.lastMs);
      incident.peakScore = Math.max(incident.peakScore, member.peakScore);
      if (member.side === 'missing') incident.missingSeries++;
    }
    incident.members = [...incident.members, ...members].sort(byOnset);
    incident.series = incident.members.length;
  }

  #merge(target: Incident, other: Incident): void {
    this.#open = this.#open.filter((incident) => incident !== other);
    this.#add(target, other.members);
    target.formerIds = [...target.formerIds, other.id, ...other.formerIds].slice(-MAX_FORMER_IDS);
    target.peakSeries = Math.max(target.peakSeries, other.peakSeries);
    this.#merged++;
  }

  /** Says anew what an incident that may have grown shares, and where it may come from. */
  #refresh(incident: Incident, { count }: Scan): void {
    incident.shared = this.#sharedBy(incident.members);
    incident.causes = causesOf(incident, this.population, count);
  }

  #sharedBy([first, ...others]: readonly Member[]): Pair[] {
    let shared = [...first!.pairs];
    for (const { pairs } of others) {
      if (shared.length === 0) break;
      shared = shared.filter((pair) => pairs.includes(pair));
    }
    return shared.map((pair) => this.population.pair(pair));
  }

  /** Says what happened before the incidents that may have grown; an event may also be seen after they began. */
  *#lookForEvents(timeMs: number, haveGrown: boolean): Generator<void> {
    if (this.#events === undefined || (!haveGrown && this.#events.version === this.#eventsVersion)) return;
    this.#eventsVersion = this.#events.version;
    let done = 0;
    for (const incident of this.#open) {
      if (timeMs - incident.grewMs > GROWS_FOR_MS) continue;
      incident.events = eventCausesOf(incident, this.#events);
      done += incident.members.length;
      if (done <= SINGLES_A_SLICE) continue;
      done = 0;
      yield;
    }
  }

  /** Counts who is in alarm, and closes the incidents that are over. */
  *#settle(timeMs: number): Generator<void> {
    let done = 0;
    for (const incident of this.#open) {
      let inAlarm = 0;
      for (const { lastMs, gapMs } of incident.members) if (timeMs - lastMs <= gapMs) inAlarm++;
      incident.peakSeries = Math.max(incident.peakSeries, inAlarm);
      done += incident.members.length;
      if (done > MEMBERS_A_SLICE) {
        done = 0;
        yield;
      }
    }
    const isOver = ({ members }: Incident) =>
      members.every(({ lastMs, gapMs }) => timeMs - lastMs > GAPS_TO_CLOSE * gapMs);
    const seemOver: Incident[] = [];
    done = 0;
    for (const incident of this.#open) {
      if (isOver(incident)) seemOver.push(incident);
      if (++done % MEMBERS_A_SLICE === 0) yield;
    }
    // In one piece: an alarm that came in a pause keeps its incident open.
    const over = new Set(seemOver.filter(isOver));
    if (over.size === 0) return;
    this.#open = this.#open.filter((incident) => !over.has(incident));
    for (const [series, { incident }] of this.#members) {
      if (incident !== undefined && over.has(incident)) this.#members.delete(series);
    }
    for (const incident of over) {
      incident.isOpen = false;
      this.#openMembers -= incident.members.length;
    }
    this.#closed.push(over);
    done = 0;
    for (const incident of over) {
      for (const { pairs } of incident.members) {
        this.population.release(pairs);
        if (++done % SINGLES_A_SLICE === 0) yield;
      }
    }
    yield* this.#closed.trim(over);
  }

  /** Takes over the incidents of a former process, before any series is added. */
  restore({ open, closed }: { open: readonly Incident[]; closed: readonly Incident[] }): void {
    this.#closed.restore(closed);
    for (const incident of open) {
      const members = incident.members.map((member) => ({
        ...member,
        pairs: this.population.internAll(member.labels, member.rule),
        incident,
      }));
      incident.members = members;
      this.#open.push(incident);
      this.#openMembers += members.length;
      for (const member of members) this.#restored.set(member.key, member);
    }
  }
}
