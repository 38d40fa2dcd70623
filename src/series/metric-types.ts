import type { MetricType } from '../model/samples/metric-type.js';
import type { Aggregate } from '../model/settings/settings.js';

const MAX_NAMES = 10_000;
const COUNTER_NAME = /_(total|count|sum|bucket)$/;

/**
 * Resolves the aggregate `auto`: `rate` for counters, `mean` for everything else. Mostly the name decides; only
 * types that contradict it are remembered (a counter without `_total`, a gauge with it), and for good: targets that
 * disagree about a type would otherwise empty the rings again and again.
 */
export class MetricTypes {
  readonly #exceptions = new Map<string, Aggregate>();
  /** Types that were not remembered because there was no room. */
  dropped = 0;

  aggregateOf(name: string): Aggregate {
    return this.#exceptions.get(name) ?? byName(name);
  }

  /** Takes in what a sender says of a metric family. Returns whether `aggregateOf` may answer differently now. */
  learn(family: string, type: MetricType): boolean {
    switch (type) {
      case 'counter':
        return this.#except(family, 'rate');
      case 'gauge':
      case 'info':
      case 'stateset':
        return this.#except(family, 'mean');
      case 'gaugehistogram': {
        // Remote-write 1.0 names the family, 2.0 the series; both are covered.
        const own = this.#except(family, 'mean');
        return this.#except(`${family}_bucket`, 'mean') || own;
      }
      case 'histogram':
      case 'summary':
      case 'unknown':
        return false;
    }
  }

  /** Takes in what a snapshot says the aggregate of a series of this name was. */
  restore(name: string, aggregate: Aggregate): void {
    this.#except(name, aggregate);
  }

  #except(name: string, aggregate: Aggregate): boolean {
    if (byName(name) === aggregate || this.#exceptions.has(name)) return false;
    if (this.#exceptions.size >= MAX_NAMES) {
      this.dropped++;
      return false;
    }
    this.#exceptions.set(name, aggregate);
    return true;
  }
}

/** The suffixes of cumulative series in the Prometheus and OpenMetrics text formats. */
function byName(name: string): Aggregate {
  return COUNTER_NAME.test(name) ? 'rate' : 'mean';
}
