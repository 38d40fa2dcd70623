import { grow } from '../lib/grow.js';
import { type Labels, METRIC_NAME } from '../model/labels/labels.js';

/** The metric name, the rule, and this many labels of a series less two can group alarms; further labels do not. */
const STRIDE = 16;
/** The label name under which the rule of a series is a pair like any other; no label has it. */
export const RULE = '';
const NONE = -1;

/** One value of one label. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

/**
 * Which label values the tracked series have, as small integers ("pairs") in columns: it is counted in a few milliseconds
 * how many of all series have a value. Takes 64 bytes a series, and some 150 for each different value.
 */
export class Population {
  readonly #ids = new Map<string, number>();
  readonly #pairs: (Pair | undefined)[] = [];
  readonly #uses: number[] = [];
  /** By label name. */
  readonly #values = new Map<string, number>();
  readonly #free: number[] = [];
  /** By series: the pairs of metric name, rule and labels, then `NONE`. */
  #columns: Int32Array = new Int32Array(0);
  #size = 0;
  #top = 0;

  /** How many series there are. */
  get size(): number {
    return this.#size;
  }

  /** Ids of series are below this. */
  get top(): number {
    return this.#top;
  }

  /** Ids of pairs are below this. */
  get pairsTop(): number {
    return this.#pairs.length;
  }

  /** Adds a series under an id that is free. */
  add(series: number, labels: Labels, rule: string): void {
    const from = series * STRIDE;
    const before = this.#columns.length;
    if (from + STRIDE > before) this.#columns = grow(this.#columns, from + STRIDE).fill(NONE, before);
    this.#columns.set(this.internAll(labels, rule), from);
    this.#size++;
    this.#top = Math.max(this.#top, series + 1);
  }

  /** Removes a series; one that is not there is left alone. */
  remove(series: number): void {
    const from = series * STRIDE;
    if ((this.#columns[from] ?? NONE) === NONE) return;
    this.release(this.pairsOf(series));
    this.#columns.fill(NONE, from, from + STRIDE);
    this.#size--;
  }

  /** The pairs of a series, the metric name first; empty for one that is not there. The caller's own. */
  pairsOf(series: number): Int32Array {
    const from = series * STRIDE;
    let to = from;
    while (to < from + STRIDE && (this.#columns[to] ?? NONE) !== NONE) to++;
    return this.#columns.slice(from, to);
  }

  /** One element of `pairsOf` without a copy; −1 where there is none. */
  pairAt(series: number, index: number): number {
    return index < STRIDE ? (this.#columns[series * STRIDE + index] ?? NONE) : NONE;
  }

  /** Keeps pairs known though their series goes, until `release`. */
  retain(pairs: Int32Array): void {
    for (const pair of pairs) this.#uses[pair]!++;
  }

  release(pairs: Int32Array): void {
    for (const pair of pairs) {
      if (--this.#uses[pair]! > 0) continue;
      const { name, value } = this.#pairs[pair]!;
      this.#ids.delete(keyOf(name, value));
      this.#countValues(name, -1);
      this.#pairs[pair] = undefined;
      this.#free.push(pair);
    }
  }

  /** How many different values of a label there are. */
  valuesOf(name: string): number {
    return this.#values.get(name) ?? 0;
  }

  /** What a pair that is in use says. */
  pair(id: number): Pair {
    return this.#pairs[id]!;
  }

  /** The pairs that labels have, in use from now on until `release`. */
  internAll(labels: Labels, rule: string): Int32Array {
    const metric = labels.find(({ name }) => name === METRIC_NAME)?.value ?? '';
    const others = labels.filter(({ name }) => name !== METRIC_NAME).slice(0, STRIDE - 2);
    return Int32Array.from([
      this.#intern(METRIC_NAME, metric),
      this.#intern(RULE, rule),
      ...others.map(({ name, value }) => this.#intern(name, value)),
    ]);
  }

  #countValues(name: string, by: 1 | -1): void {
    const count = this.valuesOf(name) + by;
    if (count === 0) this.#values.delete(name);
    else this.#values.set(name, count);
  }

  #intern(name: string, value: string): number {
    const key = keyOf(name, value);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#free.pop() ?? this.#pairs.length;
      this.#ids.set(key, id);
      this.#pairs[id] = { name, value };
      this.#uses[id] = 0;
      this.#countValues(name, 1);
    }
    this.#uses[id]!++;
    return id;
  }
}

function keyOf(name: string, value: string): string {
  return `${name}\u0000${value}`;
}
