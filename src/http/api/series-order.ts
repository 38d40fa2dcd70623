import type { Crossing } from '../../engine/series/crossings-state.js';
import { FirstItems } from '../../lib/first-items.js';
import { formatLabels } from '../../model/labels/labels.js';
import type { SelectedSeries } from './select-series.js';

/**
 * The orders a list can be asked for. `score`: highest first, then the series without one. `outside`: those in
 * alarm, highest score first, then the others by name: which score is higher among these is noise, and a list that people
 * read stands still there. `begin`: the alarm that began last first. `duration`: the longest alarm first. `name`: by name.
 * `limit`: what is expected to reach a limit first, then what may reach one.
 */
export const SERIES_ORDERS = ['score', 'outside', 'name', 'begin', 'duration', 'limit'] as const;
export type SeriesOrder = (typeof SERIES_ORDERS)[number];

/** Below every time that is expected: in milliseconds, some 31,000 years. */
const EXPECTED_FIRST = -1e15;

/**
 * The first `limit` of many series in an order, added one at a time; only these are kept. In a window of time, `score` and
 * `outside` go by the highest score within it. `placeOf` is of the group of a series, where they are grouped: lower ones come first.
 */
export class OrderedSeries {
  readonly #order: SeriesOrder;
  readonly #placeOf: (one: SelectedSeries) => number;
  readonly #first: FirstItems<Placed>;

  constructor(order: SeriesOrder, limit: number, placeOf: (one: SelectedSeries) => number = () => 0) {
    const byName = order !== 'score';
    this.#order = order;
    this.#placeOf = placeOf;
    this.#first = new FirstItems<Placed>(
      limit,
      (a, b) => a.place - b.place || b.rank - a.rank || (byName ? compareNames(a, b) : 0),
    );
  }

  add(one: SelectedSeries): void {
    this.#first.add({ one, place: this.#placeOf(one), rank: rankOf(one, this.#order), name: undefined });
  }

  get first(): readonly SelectedSeries[] {
    return this.#first.all.map(({ one }) => one);
  }
}

/** A series and its place in an order. */
interface Placed {
  readonly one: SelectedSeries;
  readonly place: number;
  readonly rank: number;
  /** The series as PromQL writes it, from when it is needed: of most series of a long list it never is. */
  name: string | undefined;
}

function compareNames(a: Placed, b: Placed): number {
  if (a.one.metric !== b.one.metric) return a.one.metric < b.one.metric ? -1 : 1;
  a.name ??= formatLabels(a.one.labels);
  b.name ??= formatLabels(b.one.labels);
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
}

/** What an order goes by: the highest first. */
export function rankOf({ series, status, peakScore }: SelectedSeries, order: SeriesOrder): number {
  const { alarm } = status;
  switch (order) {
    case 'name':
      return 0;
    case 'begin':
      return alarm?.sinceMs ?? 0;
    case 'duration':
      return alarm === undefined ? Number.MIN_SAFE_INTEGER : -alarm.sinceMs;
    case 'score':
      return peakScore ?? (status.state === 'ended' || Number.isNaN(status.score) ? -1 : status.score);
    case 'outside':
      return peakScore ?? group(status);
    case 'limit':
      return soonness(series.crossings?.found ?? []);
  }
}

/** What is expected to reach a limit ranks above what may, that above the rest; among equals the sooner one. */
function soonness(crossings: readonly Crossing[]): number {
  const expectedMs = Math.min(...crossings.map((crossing) => crossing.expectedMs));
  if (expectedMs < Number.POSITIVE_INFINITY) return -expectedMs;
  const earliestMs = Math.min(...crossings.map((crossing) => crossing.earliestMs));
  return earliestMs < Number.POSITIVE_INFINITY ? EXPECTED_FIRST - earliestMs : Number.MIN_SAFE_INTEGER;
}

/** The score of what is in alarm; 0 of what is not, −1 while learning, −2 at the end. */
function group({ state, alarm, score }: SelectedSeries['status']): number {
  if (state === 'ended') return -2;
  if (state === 'learning') return -1;
  return alarm === undefined ? 0 : score;
}
