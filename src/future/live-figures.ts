import type { LiveRange } from '../backtest/input/live-range.js';
import type { Labels } from '../model/labels/labels.js';
import { knownGrowth } from '../model/settings/known-figures.js';
import { matchKey, type SeriesReference } from '../model/settings/series-reference.js';
import type { ProphetSettings } from '../model/settings/settings.js';
import { type Match, matchOf } from '../series/references/referenced.js';

/** A series with its value now. */
interface Present {
  readonly labels: Labels;
  readonly value: number;
}

/** The figures that series of a live database have now. */
export class LiveFigures {
  readonly #range: LiveRange;
  readonly #externalLabels: ReadonlySet<string>;
  readonly #nowMs: number;
  readonly #present = new Map<string, readonly Present[]>();

  constructor(range: LiveRange, externalLabels: readonly string[], nowMs: number) {
    this.#range = range;
    this.#externalLabels = new Set(externalLabels);
    this.#nowMs = nowMs;
  }

  /** The options for a series, with `cap` and `floor` as they are now, or linear growth. Rejects with `UsageError`. */
  async growthOf(labels: Labels, prophet: ProphetSettings): Promise<ProphetSettings> {
    const matches = new Map<SeriesReference, Match>();
    for (const reference of [prophet.capFrom, prophet.floorFrom]) {
      if (reference !== undefined) matches.set(reference, await this.#match(labels, reference));
    }
    return knownGrowth(prophet, (reference) => matches.get(reference));
  }

  async #match(labels: Labels, reference: SeriesReference): Promise<Match> {
    const own = matchKey(labels, reference);
    const present = await this.#presentOf(reference);
    const matching = present.filter((each) => matchKey(each.labels, reference) === own);
    const match = matchOf(matching.map(({ value }) => ({ value, timeMs: this.#nowMs, isEnded: false })));
    return typeof match === 'number' ? reference.factor * match : match;
  }

  async #presentOf({ selector }: SeriesReference): Promise<readonly Present[]> {
    const known = this.#present.get(selector);
    if (known !== undefined) return known;
    const found = await this.#range.instant(selector, this.#nowMs);
    const present = found.map(({ labels, samples }) => ({
      labels: labels.filter(({ name }) => !this.#externalLabels.has(name)),
      value: samples.values.at(-1) ?? Number.NaN,
    }));
    this.#present.set(selector, present);
    return present;
  }
}
