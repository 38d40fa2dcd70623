import { excludedTimesOf } from '../../calendar/excluded-times.js';
import { type AcceptedAlarm, isAccepted } from '../../detect/accepted-alarms.js';
import type { Alarm } from '../../detect/alarms.js';
import { formatLabels, type Labels } from '../../model/labels/labels.js';
import { compileMatchers, REQUEST_LIMITS } from '../../model/labels/matcher.js';
import { parseSelector } from '../../model/labels/selector.js';
import type { TimeSpan } from '../../model/samples/ring-view.js';
import type { ExclusionEffect } from '../../model/settings/excluded-times.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { EFFECTS, type ExcludedTime, type Exclusion } from './exclusion.js';

/** More times than these are not listed: a range of months, and a rule that excludes some minutes of every hour. */
const MAX_LISTED = 1000;

/** What concerns one series of all that is excluded by people. */
interface OwnExclusions {
  readonly version: number;
  readonly list: readonly Exclusion[];
  /** The series as `accepted` of an exclusion has it; empty where nothing concerns it. */
  readonly name: string;
  readonly accepted: readonly AcceptedAlarm[];
  /** What holds between two instants: steps that follow each other are nearly always asked for with the same answer. */
  last: { readonly fromMs: number; readonly toMs: number; readonly effect: ExclusionEffect | undefined };
}

const ALWAYS = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY, effect: undefined };
const NEVER = { fromMs: 0, toMs: 0, effect: undefined };
const NOTHING: OwnExclusions = { version: 0, list: [], name: '', accepted: [], last: ALWAYS };

/** An exclusion of the list, and the version of that in which it came, or came back. */
interface Entry {
  readonly exclusion: Exclusion;
  readonly since: number;
}

/** Which times of which series are excluded: by the rule of a series, and by people. */
export class Exclusions {
  readonly #store: SeriesStore;
  #list: readonly Exclusion[] = [];
  /** By id. */
  #entries = new Map<string, Entry>();
  #version = 0;
  #nothing = NOTHING;
  /** Brought up to date when a series is first asked for after a change. */
  readonly #own = new WeakMap<TrackedSeries, OwnExclusions>();

  constructor(store: SeriesStore) {
    this.#store = store;
  }

  /** What people excluded, in the order in which they did. */
  get list(): readonly Exclusion[] {
    return this.#list;
  }

  set list(exclusions: readonly Exclusion[]) {
    this.#list = exclusions;
    this.#version++;
    this.#nothing = { ...NOTHING, version: this.#version };
    const before = this.#entries;
    this.#entries = new Map(
      exclusions.map((exclusion) => {
        const known = before.get(exclusion.id);
        const isKnown = known?.exclusion.match === exclusion.match;
        return [exclusion.id, { exclusion, since: isKnown ? known.since : this.#version }];
      }),
    );
  }

  /** Those of the list that are about a series. */
  of(series: TrackedSeries): readonly Exclusion[] {
    return this.#ownOf(series).list;
  }

  /** What holds for a series at an instant; undefined where nothing is excluded. */
  at(series: TrackedSeries, timeMs: number): ExclusionEffect | undefined {
    const times = excludedTimesOf(this.#store.settings(series.id));
    // Fast path: most series have none.
    if (!times.hasAny && this.#list.length === 0) return undefined;
    let found: ExclusionEffect | undefined;
    for (const effect of times.at(timeMs)) found = both(found, effect);
    const own = this.#ownOf(series);
    if (!(timeMs >= own.last.fromMs && timeMs < own.last.toMs)) own.last = aroundOf(own.list, timeMs);
    return own.last.effect === undefined ? found : both(found, own.last.effect);
  }

  /** The excluded times of a series that overlap [fromMs, toMs), in order; the last ones if there are too many. */
  between(series: TrackedSeries, fromMs: number, toMs: number): ExcludedTime[] {
    const byRule = excludedTimesOf(this.#store.settings(series.id)).between(fromMs, toMs);
    const byPeople = this.#ownOf(series).list.filter((span) => span.fromMs < toMs && span.toMs > fromMs);
    const listed: ExcludedTime[] = [
      ...byRule.map(({ name, ...span }): ExcludedTime => ({ ...span, kind: 'rule', reason: name })),
      ...byPeople.map(({ id, kind, reason, fromMs, toMs }) => ({ id, kind, reason, fromMs, toMs, ...EFFECTS[kind] })),
    ];
    return listed.sort((a, b) => a.fromMs - b.fromMs).slice(-MAX_LISTED);
  }

  /** Because of what a person said an alarm of a series is none: of it itself, or of one like it. Undefined where nobody did. */
  acceptanceOf(series: TrackedSeries, alarm: Alarm): Exclusion | undefined {
    if (!alarm.suppressed) return undefined;
    const { side, peakScore: score, fromMs, toMs } = alarm;
    const { stepMs } = this.#store.settings(series.id);
    const step = { side, score, lastedMs: toMs - fromMs, stepMs };
    const { list, name } = this.#ownOf(series);
    const said = list.filter(({ kind }) => kind === 'not_an_anomaly');
    return (
      said.find((exclusion) => fromMs < exclusion.toMs && toMs > exclusion.fromMs) ??
      said.find((exclusion) => isAccepted(acceptedOf(exclusion, name), step))
    );
  }

  /** The times between two instants of which a series learns nothing. */
  notLearnt(series: TrackedSeries, fromMs: number, toMs: number): TimeSpan[] {
    return [
      ...excludedTimesOf(this.#store.settings(series.id)).notLearnt(fromMs, toMs),
      ...this.#ownOf(series).list.filter(
        (span) => !EFFECTS[span.kind].learn && span.fromMs < toMs && span.toMs > fromMs,
      ),
    ];
  }

  /** The alarms of a series of which people said that they were none. */
  acceptedOf(series: TrackedSeries): readonly AcceptedAlarm[] {
    return this.#ownOf(series).accepted;
  }

  /**
   * Finds out what concerns a series, an exclusion at a time: the expressions of one may take milliseconds. The next question
   * about the series does what is left.
   */
  *bringUpToDate(series: TrackedSeries): Generator<void> {
    const known = this.#own.get(series) ?? NOTHING;
    const version = this.#version;
    if (this.#list.length === 0 || known.version === version) return;
    const labels = this.#store.labels(series.id);
    const kept = new Set(known.list.map(({ id }) => id));
    const list: Exclusion[] = [];
    // Those alone that are new since the series was last asked for are looked at: there may be a thousand of them.
    for (const { exclusion, since } of this.#entries.values()) {
      if (since <= known.version) {
        if (kept.has(exclusion.id)) list.push(exclusion);
        continue;
      }
      if (matchesAny(exclusion.match)(labels)) list.push(exclusion);
      yield;
      // The list has changed meanwhile.
      if (this.#version !== version) return;
    }
    const name = formatLabels(labels);
    const accepted = list.flatMap((one) => acceptedOf(one, name));
    this.#own.set(series, list.length === 0 ? this.#nothing : { version, list, name, accepted, last: NEVER });
  }

  #ownOf(series: TrackedSeries): OwnExclusions {
    if (this.#list.length === 0) return NOTHING;
    for (const _ of this.bringUpToDate(series));
    return this.#own.get(series)!;
  }
}

/** What holds at an instant of all of these, and from when until when it does. */
function aroundOf(list: readonly Exclusion[], timeMs: number): OwnExclusions['last'] {
  let [lastEdgeMs, nextEdgeMs] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let effect: ExclusionEffect | undefined;
  for (const { fromMs, toMs, kind } of list) {
    if (timeMs >= fromMs && timeMs < toMs) effect = both(effect, EFFECTS[kind]);
    for (const edgeMs of [fromMs, toMs]) {
      if (edgeMs <= timeMs) lastEdgeMs = Math.max(lastEdgeMs, edgeMs);
      else nextEdgeMs = Math.min(nextEdgeMs, edgeMs);
    }
  }
  return { fromMs: lastEdgeMs, toMs: nextEdgeMs, effect };
}

const tests = new WeakMap<Exclusion['match'], (labels: Labels) => boolean>();

/** Whether a series is one of those that any of the selectors matches. They are compiled once for each list. */
export function matchesAny(match: Exclusion['match']): (labels: Labels) => boolean {
  let test = tests.get(match);
  if (test === undefined) {
    const accept = match.map((text) => compileMatchers(parseSelector(text, REQUEST_LIMITS), REQUEST_LIMITS));
    test = (labels) => accept.some((accepts) => accepts(labels));
    tests.set(match, test);
  }
  return test;
}

const NONE: readonly AcceptedAlarm[] = [];
const acceptedBySeries = new WeakMap<Exclusion, Map<string, AcceptedAlarm[]>>();

/** The alarms of one series that an exclusion says were none. */
function acceptedOf(exclusion: Exclusion, name: string): readonly AcceptedAlarm[] {
  let bySeries = acceptedBySeries.get(exclusion);
  if (bySeries === undefined) {
    bySeries = new Map();
    for (const one of exclusion.accepted) {
      const others = bySeries.get(one.series);
      if (others === undefined) bySeries.set(one.series, [one]);
      else others.push(one);
    }
    acceptedBySeries.set(exclusion, bySeries);
  }
  return bySeries.get(name) ?? NONE;
}

/** What holds where two times overlap: less of either. */
function both(one: ExclusionEffect | undefined, other: ExclusionEffect): ExclusionEffect {
  if (one === undefined) return other;
  return { alarms: one.alarms && other.alarms, learn: one.learn && other.learn };
}
