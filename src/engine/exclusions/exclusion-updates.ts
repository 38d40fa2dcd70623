import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Alarm } from '../../detect/alarms.js';
import { UsageError } from '../../lib/errors.js';
import { TimeSlice } from '../../lib/time-slice.js';
import { formatLabels } from '../../model/labels/labels.js';
import type { TimeSpan } from '../../model/samples/ring-view.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { EFFECTS, EXCLUSION_KINDS, type Exclusion, expressionsInAll } from './exclusion.js';
import { type Exclusions, matchesAny } from './exclusions.js';

const DAY_MS = 86_400_000;
/** More of them are made by a program that does not take its own away. */
const MAX_EXCLUSIONS = 1000;
/** As long as a history is likely to reach back: an older one says nothing any more. */
const MAX_AGE_MS = 400 * DAY_MS;
const MAX_LENGTH_MS = 400 * DAY_MS;
/** What begins later is a slip: milliseconds for seconds, most likely. */
const MAX_AHEAD_MS = 400 * DAY_MS;
/** Of one exclusion: one that is about more alarms is about too much. */
const MAX_ACCEPTED = 5_000;
/** Of all: some 15 MB in their file. */
const MAX_ACCEPTED_IN_ALL = 50_000;
/** Of all: each series is compared with each of them once, and an expression remembers what it was compared with. */
const MAX_SELECTORS_IN_ALL = 5_000;
const MAX_EXPRESSIONS_IN_ALL = 500;

/** What a person asks for. */
export type NewExclusion = Pick<Exclusion, 'kind' | 'match' | 'reason' | 'fromMs' | 'toMs'>;

interface ExclusionUpdatesOptions {
  readonly store: SeriesStore;
  readonly exclusions: Exclusions;
  readonly tracked: () => Iterable<TrackedSeries>;
  readonly isTracked: (series: TrackedSeries) => boolean;
  /** Asks for a fit of a series at once. */
  readonly refit: (series: TrackedSeries) => void;
  /** Ends what is published of a series' alarm now. */
  readonly endScore: (series: TrackedSeries, nowMs: number) => void;
  readonly log: Logger;
  readonly now: () => number;
}

/** What a person asked for could not be written to where it outlives the process, so nothing was changed. */
export class NotKeptError extends Error {
  override name = 'NotKeptError';
}

/** Takes in what people exclude, and takes it back; either is in effect at once. */
export class ExclusionUpdates {
  readonly #options: ExclusionUpdatesOptions;
  #lastChange: Promise<unknown> = Promise.resolve();
  /** Writes what `save` gives to where it outlives the process; nothing by default. */
  persist: () => Promise<void> = async () => {};

  constructor(options: ExclusionUpdatesOptions) {
    this.#options = options;
  }

  get list(): readonly Exclusion[] {
    return this.#options.exclusions.list;
  }

  /**
   * Adds an exclusion and applies it to every series that it matches. The same time, kind and selectors once more are the same
   * exclusion, with the new reason and with the alarms that came since. Rejects with `UsageError` for one that cannot be, and
   * with `NotKeptError` where `persist` fails, with nothing changed.
   */
  add(request: NewExclusion): Promise<Exclusion> {
    return this.#inTurn(() => this.#add(request));
  }

  /** Takes an exclusion back. Returns false where there is none with this id; rejects with `NotKeptError` as `add` does. */
  remove(id: string): Promise<boolean> {
    return this.#inTurn(() => this.#remove(id));
  }

  /** One change at a time, in the order in which they come: each works on all of the list and on many series. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#lastChange.then(change);
    this.#lastChange = changed.catch(() => {});
    return changed;
  }

  async #add(request: NewExclusion): Promise<Exclusion> {
    const { exclusions, log, now } = this.#options;
    const nowMs = now();
    const { fromMs, toMs } = request;
    if (!(toMs > fromMs)) throw new UsageError('end is not after start');
    if (toMs - fromMs > MAX_LENGTH_MS) throw new UsageError('must not be longer than 400 days');
    if (toMs < nowMs - MAX_AGE_MS) throw new UsageError('ended more than 400 days ago');
    if (fromMs > nowMs + MAX_AHEAD_MS) throw new UsageError('begins more than 400 days from now');
    const slice = new TimeSlice();
    for (const { match } of [...exclusions.list, request]) {
      expressionsInAll(match);
      if (slice.isOver) await slice.pause();
    }
    const before = exclusions.list.filter((one) => one.toMs >= nowMs - MAX_AGE_MS);
    const same = before.find((one) => isSame(one, request));
    const others = before.filter((one) => one !== same);
    refuseTooMany([...others, request]);
    const plain: Exclusion = {
      ...request,
      id: same?.id ?? randomUUID(),
      createdMs: same?.createdMs ?? nowMs,
      accepted: same?.accepted ?? [],
    };
    exclusions.list = [...others, plain];
    try {
      const { series, accepted } = await this.#seriesOf(plain);
      const whole = accepted.length === 0 ? plain : { ...plain, accepted: [...plain.accepted, ...accepted] };
      exclusions.list = exclusions.list.map((one) => (one === plain ? whole : one));
      await this.#keep();
      await this.#forEach(series, (one) => this.#apply(whole, one, nowMs));
      const { id, kind, match, reason } = whole;
      log.info({ id, kind, match, reason, series: series.length }, 'exclusion added');
      return whole;
    } catch (error) {
      const rest = exclusions.list.filter(({ id }) => id !== plain.id);
      exclusions.list = same === undefined ? rest : [...rest, same];
      throw error;
    }
  }

  async #remove(id: string): Promise<boolean> {
    const { exclusions, refit, log, now } = this.#options;
    const removed = exclusions.list.find((one) => one.id === id);
    if (removed === undefined) return false;
    const { series } = await this.#seriesOf(removed);
    exclusions.list = exclusions.list.filter((one) => one.id !== id);
    try {
      await this.#keep();
    } catch (error) {
      exclusions.list = [...exclusions.list, removed];
      throw error;
    }
    await this.#forEach(series, (one) => {
      this.#unaccept(removed, one);
      if (removed.fromMs < now()) refit(one);
    });
    log.info({ id }, 'exclusion deleted');
    return true;
  }

  /** Does `work` for each series that is still tracked, in slices. */
  async #forEach(series: readonly TrackedSeries[], work: (one: TrackedSeries) => void): Promise<void> {
    const slice = new TimeSlice();
    for (const one of series) {
      if (slice.isOver) await slice.pause();
      if (this.#options.isTracked(one)) work(one);
    }
  }

  async #keep(): Promise<void> {
    try {
      await this.persist();
    } catch (cause) {
      this.#options.log.error({ err: cause }, 'writing the exclusions failed: nothing was changed');
      throw new NotKeptError(`nothing was changed, because it cannot be kept: ${(cause as Error).message}`, { cause });
    }
  }

  /** All of them as text. */
  save(): string {
    return JSON.stringify({ version: 1, exclusions: this.list });
  }

  /** Takes over what `save` gave. Rejects for anything else. */
  async restore(text: string): Promise<void> {
    const { version, exclusions } = JSON.parse(text) as { version: number; exclusions: Exclusion[] };
    const isSound =
      version === 1 &&
      exclusions.every(({ kind, accepted }) => EXCLUSION_KINDS.includes(kind) && Array.isArray(accepted));
    if (!isSound) throw new SyntaxError('it is not of this version');
    // The first match of an expression is what costs most: the first evaluation would wait for hundreds of them.
    const slice = new TimeSlice();
    for (const { match } of exclusions) {
      if (slice.isOver) await slice.pause();
      matchesAny(match)([]);
    }
    this.#options.exclusions.list = exclusions;
  }

  /** The series that an exclusion of the list is about, and their alarms that it says were none. */
  async #seriesOf(exclusion: Exclusion): Promise<{ series: TrackedSeries[]; accepted: Exclusion['accepted'] }> {
    const { store, exclusions, tracked } = this.#options;
    const series: TrackedSeries[] = [];
    const accepted: Exclusion['accepted'][number][] = [];
    const slice = new TimeSlice();
    for (const one of [...tracked()]) {
      if (slice.isOver) await slice.pause();
      if (!exclusions.of(one).includes(exclusion)) continue;
      series.push(one);
      if (exclusion.kind !== 'not_an_anomaly') continue;
      for (const alarm of one.alarms.list) {
        if (!overlaps(alarm, exclusion) || alarm.suppressed) continue;
        const { side, peakScore, fromMs, toMs } = alarm;
        // One that goes on may last for as long as it was said to be none.
        const untilMs = toMs === one.scoredUntilMs ? Math.max(toMs, exclusion.toMs) : toMs;
        accepted.push({ series: formatLabels(store.labels(one.id)), side, peakScore, lastedMs: untilMs - fromMs });
      }
      if (accepted.length > MAX_ACCEPTED)
        throw new UsageError(`is about more than ${MAX_ACCEPTED} alarms: narrow match, start or end`);
    }
    if (accepted.length + exclusions.list.reduce((sum, one) => sum + one.accepted.length, 0) > MAX_ACCEPTED_IN_ALL)
      throw new UsageError(`all exclusions together are about ${MAX_ACCEPTED_IN_ALL} alarms: delete some of them`);
    return { series, accepted };
  }

  /** The alarms that were accepted are alarms again; others of that time were suppressed for another reason. */
  #unaccept({ accepted, ...span }: Exclusion, series: TrackedSeries): void {
    if (accepted.length === 0) return;
    const name = formatLabels(this.#options.store.labels(series.id));
    const isOne = ({ side, peakScore }: Alarm) =>
      accepted.some((one) => one.series === name && one.side === side && one.peakScore === peakScore);
    series.alarms.list = series.alarms.list.map((alarm) =>
      overlaps(alarm, span) && isOne(alarm) ? { ...alarm, suppressed: false } : alarm,
    );
  }

  /** Corrects what is known of a series by an exclusion. */
  #apply(exclusion: Exclusion, series: TrackedSeries, nowMs: number): void {
    const { refit, endScore } = this.#options;
    const { kind, fromMs, toMs } = exclusion;
    if (kind === 'maintenance') series.alarms.list = series.alarms.list.flatMap((alarm) => outside(alarm, exclusion));
    if (kind === 'not_an_anomaly')
      series.alarms.list = series.alarms.list.map((alarm) =>
        overlaps(alarm, exclusion) ? { ...alarm, suppressed: true } : alarm,
      );
    const isNow = fromMs <= nowMs && nowMs < toMs;
    if (isNow && !EFFECTS[kind].alarms && !Number.isNaN(series.score)) endScore(series, nowMs);
    if (fromMs < nowMs) refit(series);
  }
}

/** Whether a person asks for what is excluded already. */
function isSame(one: Exclusion, { kind, match, fromMs, toMs }: NewExclusion): boolean {
  return one.kind === kind && one.fromMs === fromMs && one.toMs === toMs && isDeepStrictEqual(one.match, match);
}

/** Throws `UsageError` where there would be more than can be asked of every series. */
function refuseTooMany(all: readonly Pick<Exclusion, 'match'>[]): void {
  if (all.length > MAX_EXCLUSIONS) throw new UsageError(`there are ${MAX_EXCLUSIONS} exclusions: delete some of them`);
  const selectors = all.flatMap(({ match }) => match);
  if (selectors.length > MAX_SELECTORS_IN_ALL)
    throw new UsageError(`all exclusions together have ${MAX_SELECTORS_IN_ALL} selectors: delete some of them`);
  const expressions = all.reduce((count, { match }) => count + expressionsInAll(match), 0);
  if (expressions > MAX_EXPRESSIONS_IN_ALL)
    throw new UsageError(
      `all exclusions together have ${MAX_EXPRESSIONS_IN_ALL} regular expressions: delete some of them`,
    );
}

function overlaps(alarm: TimeSpan, { fromMs, toMs }: TimeSpan): boolean {
  return alarm.fromMs < toMs && alarm.toMs > fromMs;
}

/** What is left of an alarm outside of a time: its beginning, or where that is inside, its end. */
function outside(alarm: Alarm, { fromMs, toMs }: TimeSpan): Alarm[] {
  if (!overlaps(alarm, { fromMs, toMs })) return [alarm];
  if (alarm.fromMs < fromMs) return [{ ...alarm, toMs: fromMs }];
  return alarm.toMs > toMs ? [{ ...alarm, fromMs: toMs }] : [];
}
