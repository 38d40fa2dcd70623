import type { Aggregate, Rule } from '../model/settings.js';
import { type RingGeometry, ringGeometry } from './rings/ring-geometry.js';
import { RingPool } from './rings/ring-slab.js';
import { SampleRings } from './rings/sample-rings.js';
import type { SeriesStats } from './series-stats.js';
import type { SeriesTable } from './series-table.js';

/** What all series of a rule with the same aggregate share. */
export interface SeriesPlan {
  readonly rule: Rule;
  /** The rule's, with `auto` resolved. */
  readonly aggregate: Aggregate;
  readonly rings: SampleRings;
}

/** What the memory of rings means. */
export interface RingLayout {
  readonly aggregate: Aggregate;
  readonly stepMs: number;
  readonly geometry: RingGeometry;
}

/** The plans in use, by number, and their ring pools: plans of one geometry share a pool. */
export class SeriesPlans {
  readonly #table: SeriesTable;
  readonly #stats: SeriesStats;
  readonly #plans: (SeriesPlan | undefined)[] = [];
  readonly #numbers = new Map<Rule, Map<Aggregate, number>>();
  readonly #pools = new Map<string, RingPool>();

  constructor(table: SeriesTable, stats: SeriesStats) {
    this.#table = table;
    this.#stats = stats;
  }

  plan(number: number): SeriesPlan {
    return this.#plans[number]!;
  }

  /** The number of the plan for a rule (by identity) and an aggregate. */
  numberOf(rule: Rule, aggregate: Aggregate): number {
    const numbers = this.#numbers.get(rule) ?? new Map<Aggregate, number>();
    this.#numbers.set(rule, numbers);
    const known = numbers.get(aggregate);
    if (known !== undefined) return known;
    const rings = this.rings({ aggregate, stepMs: rule.settings.stepMs, geometry: ringGeometry(rule.settings) });
    const vacant = this.#plans.indexOf(undefined);
    const number = vacant >= 0 ? vacant : this.#plans.length;
    this.#plans[number] = { rule, aggregate, rings };
    numbers.set(aggregate, number);
    return number;
  }

  /** Forgets the plans, and the pools of plans, that no series has any more. */
  prune(used: ReadonlySet<number>): void {
    this.#plans.forEach((plan, number) => {
      if (plan === undefined || used.has(number)) return;
      this.#plans[number] = undefined;
      const numbers = this.#numbers.get(plan.rule);
      numbers?.delete(plan.aggregate);
      if (numbers?.size === 0) this.#numbers.delete(plan.rule);
    });
    for (const [key, pool] of this.#pools) if (pool.empty) this.#pools.delete(key);
  }

  /** Rings of a layout, whether or not any plan has it. */
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
