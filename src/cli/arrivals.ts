import { nearMiss } from '../model/settings/near-miss.js';
import type { Rule } from '../model/settings/settings.js';
import type { Unmatched } from '../model/settings/unmatched.js';
import type { SeriesStore } from '../series/series-store.js';

/** Says how many series arrive that no rule matches and, where all are such, what looks like a typo in the rules. */
export class Arrivals {
  readonly #store: Pick<SeriesStore, 'size' | 'unmatched'>;
  readonly #rules: () => readonly Rule[];
  #last: { readonly rules: readonly Rule[]; readonly unmatched: Unmatched } | undefined;

  constructor(store: Pick<SeriesStore, 'size' | 'unmatched'>, rules: () => readonly Rule[]) {
    this.#store = store;
    this.#rules = rules;
  }

  get unmatched(): Unmatched {
    const { size, unmatched } = this.#store;
    const { count } = unmatched;
    if (size > 0 || count === 0) return { series: count, nearMiss: undefined };
    const rules = this.#rules();
    if (this.#last?.rules !== rules || this.#last.unmatched.series !== count) {
      this.#last = { rules, unmatched: { series: count, nearMiss: nearMiss(rules, [...unmatched.examples]) } };
    }
    return this.#last.unmatched;
  }
}
