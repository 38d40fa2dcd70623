import { excludedTimesOf } from '../../calendar/excluded-times.js';
import { type AcceptedAlarm, isAccepted } from '../../detect/accepted-alarms.js';
import type { Alarm } from '../../detect/alarms.js';
import { formatLabels } from '../../model/labels/labels.js';
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
}

const NOTHING: OwnExclusions = { version: 0, list: [], name: '', accepted: [] };

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
    for (const { fromMs, toMs, kind } of this.#ownOf(series).list) {
      if (timeMs >= fromMs && timeMs < toMs) found = both(found, EFFECTS[kind]);
    }
    return found;
  }

  /** Every excluded time of a series that has a part in [fromMs, toMs), in order; of too many the last. */
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
      said.find(({ accepted }) =>
        isAccepted(
          accepted.filter((one) => one.series === name),
          step,
        ),
      )
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

  #ownOf(series: TrackedSeries): OwnExclusions {
    if (this.#list.length === 0) return NOTHING;
    const known = this.#own.get(series);
    if (known?.version === this.#version) return known;
    const labels = this.#store.labels(series.id);
    const list = this.#list.filter((exclusion) => this.#matchers.get(exclusion)!.some((matches) => matches(labels)));
    const name = list.length === 0 ? '' : formatLabels(labels);
    const accepted = list.flatMap((exclusion) => exclusion.accepted.filter(({ series: of }) => of === name));
    const own = { version: this.#version, list, name, accepted };
    this.#own.set(series, own);
    return own;
  }
}

/** What holds where two times overlap: less of either. */
function both(one: ExclusionEffect | undefined, other: ExclusionEffect): ExclusionEffect {
  if (one === undefined) return other;
  return { alarms: one.alarms && other.alarms, learn: one.learn && other.learn };
}
