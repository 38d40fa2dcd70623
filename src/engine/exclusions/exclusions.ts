import { excludedTimesOf } from '../../calendar/excluded-times.js';
import type { AcceptedAlarm } from '../../detect/accepted-alarms.js';
import { formatLabels } from '../../model/labels/labels.js';
import { compileMatchers, REQUEST_LIMITS } from '../../model/labels/matcher.js';
import { parseSelector } from '../../model/labels/selector.js';
import type { TimeSpan } from '../../model/samples/ring-view.js';
import type { ExclusionEffect } from '../../model/settings/excluded-times.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { EFFECTS, type Exclusion } from './exclusion.js';

/** What holds for a step of a series, and why. */
export interface Excluded extends ExclusionEffect {
  readonly reason: string;
}

/** What concerns one series of all that is excluded by people. */
interface OwnExclusions {
  readonly version: number;
  readonly list: readonly Exclusion[];
  readonly accepted: readonly AcceptedAlarm[];
}

const NOTHING: OwnExclusions = { version: 0, list: [], accepted: [] };

/** Which times of which series are excluded: by the rule of a series, and by people. */
export class Exclusions {
  readonly #store: SeriesStore;
  #list: readonly Exclusion[] = [];
  #matchers = new Map<Exclusion, ReturnType<typeof compileMatchers>[]>();
  #version = 0;
  /** Worked out when a series is first asked for after a change. */
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
    this.#matchers = new Map(
      exclusions.map((exclusion) => [
        exclusion,
        exclusion.match.map((text) => compileMatchers(parseSelector(text, REQUEST_LIMITS), REQUEST_LIMITS)),
      ]),
    );
  }

  /** Whether an exclusion, which is in the list, is about a series. */
  concerns(exclusion: Exclusion, series: TrackedSeries): boolean {
    return this.#ownOf(series).list.includes(exclusion);
  }

  /** What holds for a series at an instant; undefined where nothing is excluded. */
  at(series: TrackedSeries, timeMs: number): Excluded | undefined {
    const times = excludedTimesOf(this.#store.settings(series.id));
    // Fast path: most series have none.
    if (!times.hasAny && this.#list.length === 0) return undefined;
    let found: Excluded | undefined;
    for (const { alarms, learn, name } of times.at(timeMs)) found = both(found, { alarms, learn, reason: name });
    for (const { fromMs, toMs, kind, reason } of this.#ownOf(series).list) {
      if (timeMs >= fromMs && timeMs < toMs) found = both(found, { ...EFFECTS[kind], reason: reason || kind });
    }
    return found;
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

  #ownOf(series: TrackedSeries): OwnExclusions {
    if (this.#list.length === 0) return NOTHING;
    const known = this.#own.get(series);
    if (known?.version === this.#version) return known;
    const labels = this.#store.labels(series.id);
    const list = this.#list.filter((exclusion) => this.#matchers.get(exclusion)!.some((matches) => matches(labels)));
    const name = list.length === 0 ? '' : formatLabels(labels);
    const accepted = list.flatMap((exclusion) => exclusion.accepted.filter(({ series: of }) => of === name));
    const own = { version: this.#version, list, accepted };
    this.#own.set(series, own);
    return own;
  }
}

/** What holds where two times overlap: less of either. */
function both(one: Excluded | undefined, other: Excluded): Excluded {
  if (one === undefined) return other;
  return { alarms: one.alarms && other.alarms, learn: one.learn && other.learn, reason: one.reason };
}
