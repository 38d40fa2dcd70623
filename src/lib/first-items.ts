/** How many items wait to be merged: sorting this many takes less than a millisecond. */
const WAITING = 1024;

/**
 * The first `limit` of many items in an order, taken in one at a time. No step takes longer than merging `limit` items, so
 * that a walk over tens of thousands can pause anywhere.
 */
export class FirstItems<T> {
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;
  #first: T[] = [];
  #waiting: T[] = [];

  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  add(item: T): void {
    const last = this.#first[this.#limit - 1];
    if (last !== undefined && this.#compare(item, last) >= 0) return;
    if (this.#waiting.push(item) >= WAITING) this.#merge();
  }

  /** In order; of items that are equal the one that was added first comes first. */
  get all(): readonly T[] {
    this.#merge();
    return this.#first;
  }

  #merge(): void {
    const [first, waiting] = [this.#first, this.#waiting.sort(this.#compare)];
    const merged: T[] = [];
    for (let i = 0, j = 0; merged.length < this.#limit && (i < first.length || j < waiting.length); ) {
      const isFirst = j >= waiting.length || (i < first.length && this.#compare(first[i]!, waiting[j]!) <= 0);
      merged.push(isFirst ? first[i++]! : waiting[j++]!);
    }
    this.#first = merged;
    this.#waiting = [];
  }
}
