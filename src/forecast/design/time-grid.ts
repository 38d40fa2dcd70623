import { monthSeasonTime, pieceAt, seasonTime, UTC_CLOCK, weekTime } from '../../calendar/season-clock.js';
import { type Design, scaleTime } from './design.js';
import { fourierColumns, harmonicsOf, type Phases, phasesOf } from './fourier.js';
import { isWithin } from './holidays.js';
import { Regressors } from './regressors.js';
import { holdsOn, type Seasonality } from './seasonality.js';

/** By what a season repeats. */
type SeasonPeriod = Pick<Seasonality, 'periodMs' | 'byMonth'>;

/** Designs and clocks whose columns a grid keeps: some 300 kB each. */
const MAX_KEPT = 16;
/** Parts that a grid keeps: the times before the last week, and that week. */
const MAX_PARTS = 2;
/** Forecasts whose columns share a buffer, and the size of such a buffer in values: 1 MB. */
const MAX_TOGETHER = 32;
const SLAB_VALUES = 131_072;

/**
 * Ascending times on which models are fitted or evaluated: what depends on the times alone, and on the clock of the seasons, is
 * worked out once for all.
 */
export class TimeGrid {
  /** Shared with every forecast on this grid. */
  readonly timesMs: Float64Array;
  readonly #phases = new Map<string, Map<number, Phases>>();
  readonly #regressors = new Map<string, Regressors>();
  readonly #parts = new Map<string, TimeGrid>();

  /** Of phases that were asked for more than once: sin θ, cos θ, sin 2θ and so on. */
  readonly #harmonics = new WeakMap<Phases, Float64Array[]>();
  #slab = new Float64Array(0);
  #slabAt = 0;
  #takes = 0;

  constructor(timesMs: Float64Array) {
    this.timesMs = timesMs;
  }

  /** The grid of its times from one index up to another, shared by all who ask for the same. */
  part(from: number, to: number): TimeGrid {
    const key = `${from}/${to}`;
    let part = this.#parts.get(key);
    if (part === undefined) {
      part = new TimeGrid(this.timesMs.subarray(from, to));
      if (this.#parts.size >= MAX_PARTS) this.#parts.delete(this.#parts.keys().next().value!);
      this.#parts.set(key, part);
    }
    return part;
  }

  /**
   * A column of zeros a time, that many of them. Those of several forecasts are parts of one buffer, because allocating a buffer for
   * each is what short forecasts cost most; the buffer lives as long as any of them.
   */
  columns(count: number): Float64Array[] {
    const n = this.timesMs.length;
    const length = count * n;
    if (this.#slabAt + length > this.#slab.length) {
      const together = this.#takes === 0 ? 1 : Math.max(1, Math.min(MAX_TOGETHER, Math.floor(SLAB_VALUES / length)));
      this.#slab = new Float64Array(together * length);
      this.#slabAt = 0;
    }
    this.#takes++;
    const start = this.#slabAt;
    this.#slabAt += length;
    return Array.from({ length: count }, (_, i) => this.#slab.subarray(start + i * n, start + (i + 1) * n));
  }

  /**
   * sin θ, cos θ, sin 2θ, cos 2θ, … of the phases in a season, for at least `order` of them; undefined while they are asked for
   * once alone, because one series takes less time without them.
   */
  harmonics(phases: Phases, order: number): readonly Float64Array[] | undefined {
    const known = this.#harmonics.get(phases);
    if (known === undefined) {
      this.#harmonics.set(phases, []);
      return undefined;
    }
    if (known.length < 2 * order) known.splice(0, known.length, ...harmonicsOf(phases, order));
    return known;
  }

  /**
   * The phases of the times in seasons that go by this clock, by period; the caller must not change them. Clocks that agree on
   * these times share them.
   */
  phases(clock: Float64Array = UTC_CLOCK): (season: SeasonPeriod) => Phases {
    const phases = kept(this.#phases, this.#clockKey(clock), () => new Map<number, Phases>());
    return ({ periodMs, byMonth = false }) => {
      const key = byMonth ? -periodMs : periodMs;
      let found = phases.get(key);
      if (found === undefined) {
        found = phasesOf(seasonTimes(this.timesMs, clock, { periodMs, byMonth }), periodMs);
        phases.set(key, found);
      }
      return found;
    };
  }

  /** The columns of a design of samples at these times. */
  regressors(design: Design): Regressors {
    const { changepoints, growth, seasonalities, clock } = design;
    const periods = seasonalities.map(
      (s) => `${s.periodMs}/${s.fourierOrder}/${s.weekdays}/${s.hasLevel}/${s.byMonth}/${s.spans ?? ''}`,
    );
    const key = `${growth} ${changepoints} ${periods} ${this.#clockKey(clock)}`;
    return kept(this.#regressors, key, () => {
      const { timesMs } = this;
      const t = timesMs.map((timeMs) => scaleTime(design, timeMs));
      const features = seasonalities.flatMap((seasonality) => seasonColumns(timesMs, clock, seasonality));
      return new Regressors(t, changepoints, growth === 'flat', features);
    });
  }

  /** Says what the clock is at these times, whatever it is at others. */
  #clockKey(clock: Float64Array): string {
    const { timesMs } = this;
    if (clock.length === 0 || timesMs.length === 0) return '';
    const count = clock.length / 3;
    const first = pieceAt(clock, 0, count, timesMs[0]!);
    const last = pieceAt(clock, 0, count, timesMs[timesMs.length - 1]!);
    // When the first piece began does not matter.
    return last < 0 ? '' : `${clock.subarray(Math.max(0, first + 1), last + 3)}${first < 0 ? ' UTC' : ''}`;
  }
}

/** The columns of a seasonality: its level if it has one, then sin and cos by turns; 0 where it does not hold. */
export function seasonColumns(timesMs: Float64Array, clock: Float64Array, seasonality: Seasonality): Float64Array[] {
  const { weekdays, hasLevel, spans } = seasonality;
  if (spans !== undefined) return [timesMs.map((timeMs) => (isWithin(spans, 0, spans.length / 2, timeMs) ? 1 : 0))];
  const columns = fourierColumns(seasonTimes(timesMs, clock, seasonality), seasonality);
  if (hasLevel) columns.unshift(new Float64Array(timesMs.length).fill(1));
  if (weekdays === 0) return columns;
  const holds = daysOf(timesMs, clock).map((weekTimeMs) => (holdsOn(weekdays, weekTimeMs) ? 1 : 0));
  for (const column of columns) for (let i = 0; i < column.length; i++) column[i] = column[i]! * holds[i]!;
  return columns;
}

/** What the clock of the seasons shows at each time, as far as the day of the week goes. */
export function daysOf(timesMs: Float64Array, clock: Float64Array): Float64Array {
  if (clock.length === 0) return timesMs;
  const count = clock.length / 3;
  return timesMs.map((timeMs) => weekTime(clock, pieceAt(clock, 0, count, timeMs), timeMs));
}

/** What the clock of the seasons shows at each time; the times themselves where it shows UTC. */
function seasonTimes(timesMs: Float64Array, clock: Float64Array, { periodMs, byMonth }: SeasonPeriod): Float64Array {
  const count = clock.length / 3;
  if (byMonth === true)
    return timesMs.map((timeMs) => monthSeasonTime(clock, pieceAt(clock, 0, count, timeMs), timeMs));
  if (clock.length === 0) return timesMs;
  return timesMs.map((timeMs) => seasonTime(clock, pieceAt(clock, 0, count, timeMs), timeMs, periodMs));
}

/** What is kept under a key, worked out if it is not. The oldest goes where there are too many. */
function kept<Value>(values: Map<string, Value>, key: string, make: () => Value): Value {
  let value = values.get(key);
  if (value === undefined) {
    value = make();
    if (values.size >= MAX_KEPT) values.delete(values.keys().next().value!);
    values.set(key, value);
  }
  return value;
}
