import type { Aggregate, Rule } from '../model/settings/settings.js';
import { type RingGeometry, ringGeometry } from './rings/ring-geometry.js';
import { RingPool } from './rings/ring-slab.js';
import { SampleRings } from './rings/sample-rings.js';
import type { SeriesStats } from './series-stats.js';
import type { SeriesTable } from './series-table.js';

/** What all series of a rule with the same aggregate share: how their samples become buckets. */
export interface SeriesLayout {
  readonly rule: Rule;
  /** The rule's, with `auto` resolved. */
  readonly aggregate: Aggregate;
  /** Whether the samples go to the markers too. */
  readonly isMarker: boolean;
  readonly rings: SampleRings;
}

/** What the bytes of rings mean. */
export interface RingLayout {
  readonly aggregate: Aggregate;
  readonly stepMs: number;
  readonly geometry: RingGeometry;
}

/** The layouts in use, by number, and their ring pools: layouts of one geometry share a pool. */
export class SeriesLayouts {
  readonly #table: SeriesTable;
  readonly #stats: SeriesStats;
  readonly #layouts: (SeriesLayout | undefined)[] = [];
  /** Numbers that no layout has. */
  readonly #vacant: number[] = [];
  /** By rule, then by aggregate, of those that mark events and of others. */
  readonly #numbers = new Map<Rule, Map<string, number>>();
  readonly #pools = new Map<string, RingPool>();

  constructor(table: SeriesTable, stats: SeriesStats) {
    this.#table = table;
    this.#stats = stats;
  }

  layout(number: number): SeriesLayout {
    return this.#layouts[number]!;
  }

  /** The number of the layout for a rule (by identity), an aggregate, and whether the series mark events. */
  numberOf(rule: Rule, aggregate: Aggregate, isMarker = false): number {
    const numbers = this.#numbers.get(rule) ?? new Map<string, number>();
    this.#numbers.set(rule, numbers);
    const key = keyOf({ aggregate, isMarker });
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const rings = this.rings({ aggregate, stepMs: rule.settings.stepMs, geometry: ringGeometry(rule.settings) });
    const number = this.#vacant.pop() ?? this.#layouts.length;
    this.#layouts[number] = { rule, aggregate, isMarker, rings };
    numbers.set(key, number);
    return number;
  }

  /** Drops layouts, and their pools, that no series has any more. */
  prune(used: ReadonlySet<number>): void {
    // Backwards, so that the lowest is given out first.
    for (let number = this.#layouts.length - 1; number >= 0; number--) {
      const layout = this.#layouts[number];
      if (layout === undefined || used.has(number)) continue;
      this.#layouts[number] = undefined;
      this.#vacant.push(number);
      const numbers = this.#numbers.get(layout.rule);
      numbers?.delete(keyOf(layout));
      if (numbers?.size === 0) this.#numbers.delete(layout.rule);
    }
    for (const [key, pool] of this.#pools) if (pool.empty) this.#pools.delete(key);
  }

  /** Rings of any layout, in use or not. */
  rings({ aggregate, stepMs, geometry }: RingLayout): SampleRings {
    const resolutionMs = stepMs * geometry.stepsPerBucket;
    return new SampleRings(this.#table, { aggregate, stepMs, resolutionMs, pool: this.#pool(geometry) });
  }

  #pool(geometry: RingGeometry): RingPool {
    const key = JSON.stringify(geometry);
    const pool = this.#pools.get(key) ?? new RingPool(geometry, this.#stats);
    this.#pools.set(key, pool);
    return pool;
  }
}

function keyOf({ aggregate, isMarker }: Pick<SeriesLayout, 'aggregate' | 'isMarker'>): string {
  return isMarker ? `${aggregate} marker` : aggregate;
}
