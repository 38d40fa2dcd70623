import { METRIC_TYPES, type MetricType } from '../model/samples/metric-type.js';
import { AGGREGATES, type Aggregate } from '../model/settings/settings.js';
import { type RecordReader, type RecordWriter, SnapshotError } from './snapshot/snapshot-record.js';

const MAX_NAMES = 20_000;
/** How often a type may be corrected: targets that disagree about it would otherwise empty the rings again and again. */
const MAX_CORRECTIONS = 3;
const PART = /_(?:bucket|count|sum|total)$/;

/** What senders said about a metric family. */
interface Told {
  readonly type: MetricType;
  /** Another type, received last; if it is received a second time in a row, it replaces `type`. */
  readonly other: MetricType | undefined;
  readonly corrections: number;
}

/** How the aggregate of a metric was decided where its rule leaves that open. */
export type AggregateSource = 'type' | 'behavior' | 'name';

/**
 * Resolves the aggregate `auto`: `rate` for counters, `mean` for everything else. The type that senders give decides; without
 * one, how the series of the metric behave; without that, the name: `_total` is a counter.
 */
export class MetricTypes {
  readonly #told = new Map<string, Told>();
  /** By metric name. */
  readonly #behavior = new Map<string, Aggregate>();
  /** Types and verdicts that were not remembered because there was no room. */
  dropped = 0;

  aggregateOf(name: string): Aggregate {
    return this.#byType(name) ?? this.#behavior.get(name) ?? byName(name);
  }

  sourceOf(name: string): AggregateSource {
    if (this.#byType(name) !== undefined) return 'type';
    return this.#behavior.has(name) ? 'behavior' : 'name';
  }

  /**
   * Takes in what a sender says of a metric family. What contradicts an earlier type counts when it is said twice in a row.
   * Returns whether `aggregateOf` may answer differently now.
   */
  learn(family: string, type: MetricType): boolean {
    const known = this.#told.get(family);
    if (type === 'unknown' || (known?.type === type && known.other === undefined)) return false;
    if (known === undefined) {
      if (!this.#hasRoom(this.#told)) return false;
      return this.#tell(family, { type, other: undefined, corrections: 0 });
    }
    if (known.type === type) return this.#tell(family, { ...known, other: undefined });
    if (known.corrections >= MAX_CORRECTIONS) return false;
    if (known.other !== type) return this.#tell(family, { ...known, other: type });
    return this.#tell(family, { type, other: undefined, corrections: known.corrections + 1 });
  }

  /**
   * Takes in how the series of a metric without a type behave. Series that fall as no counter does outweigh
   * others that only climb. Returns whether `aggregateOf` answers differently now.
   */
  observe(name: string, aggregate: 'mean' | 'rate'): boolean {
    const known = this.#behavior.get(name);
    // What is derived from histograms is `last`, however it behaves.
    if (this.sourceOf(name) === 'type' || known === 'mean' || known === 'last') return false;
    if (this.aggregateOf(name) === aggregate) return false;
    return this.#behave(name, aggregate);
  }

  /** Gives the metric of this name the aggregate `last` unless its type says otherwise: it is derived from histograms. */
  setDerived(name: string): void {
    if (!this.#behavior.has(name)) this.#behave(name, 'last');
  }

  /** Writes what is known of a metric, and of the family that it may be a part of. */
  save(name: string, record: RecordWriter): void {
    const behavior = this.#behavior.get(name);
    record.u32(behavior === undefined ? 0 : 1 + AGGREGATES.indexOf(behavior));
    const told = familiesOf(name).flatMap((family) => {
      const known = this.#told.get(family);
      return known === undefined ? [] : [{ family, ...known }];
    });
    record.u32(told.length);
    for (const { family, type, other, corrections } of told) {
      record.text(family);
      record.u32(METRIC_TYPES.indexOf(type));
      record.u32(other === undefined ? 0 : 1 + METRIC_TYPES.indexOf(other));
      record.u32(corrections);
    }
  }

  /** Takes in what `save` wrote, except where more has been learnt since. Throws `SnapshotError` for anything else. */
  restore(name: string, record: RecordReader): void {
    const behavior = record.u32();
    if (behavior > 0 && !this.#behavior.has(name)) this.#behave(name, itemOf(AGGREGATES, behavior - 1));
    for (let left = record.u32(); left > 0; left--) {
      const family = record.text();
      const type = itemOf(METRIC_TYPES, record.u32());
      const other = record.u32();
      const told = {
        type,
        other: other === 0 ? undefined : itemOf(METRIC_TYPES, other - 1),
        corrections: record.u32(),
      };
      if (!this.#told.has(family) && this.#hasRoom(this.#told)) this.#told.set(family, told);
    }
  }

  /** Moves on behind what `save` wrote. */
  skip(record: RecordReader): void {
    record.u32();
    for (let left = record.u32(); left > 0; left--) {
      record.text();
      for (let field = 0; field < 3; field++) record.u32();
    }
  }

  #behave(name: string, aggregate: Aggregate): boolean {
    if (!this.#behavior.has(name) && !this.#hasRoom(this.#behavior)) return false;
    this.#behavior.set(name, aggregate);
    return true;
  }

  #tell(family: string, told: Told): boolean {
    const names = [family, ...['_bucket', '_count', '_sum', '_total'].map((suffix) => family + suffix)];
    const before = names.map((name) => this.aggregateOf(name));
    this.#told.set(family, told);
    return names.some((name, i) => this.aggregateOf(name) !== before[i]);
  }

  #hasRoom(map: ReadonlyMap<string, unknown>): boolean {
    if (map.size < MAX_NAMES) return true;
    this.dropped++;
    return false;
  }

  /** By the type of the metric itself, or of the family that it is a part of; remote-write 1.0 names families, 2.0 series. */
  #byType(name: string): Aggregate | undefined {
    const own = this.#told.get(name)?.type;
    const [part] = PART.exec(name) ?? [];
    if (own !== undefined && !isFamily(own)) return own === 'counter' ? 'rate' : 'mean';
    if (part === undefined) return own === undefined ? undefined : 'mean';
    const family = own ?? this.#told.get(name.slice(0, -part.length))?.type;
    switch (family) {
      case 'histogram':
      case 'summary':
        return part === '_total' ? undefined : 'rate';
      case 'gaugehistogram':
        return part === '_total' ? undefined : 'mean';
      case 'counter':
        return part === '_total' ? 'rate' : undefined;
      default:
        return undefined;
    }
  }
}

/** The families whose type is that of a metric: its own name, and the name without the suffix of a part. */
function familiesOf(name: string): string[] {
  const [part] = PART.exec(name) ?? [];
  return part === undefined ? [name] : [name, name.slice(0, -part.length)];
}

function itemOf<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new SnapshotError('a metric has a type that is not known');
  return item;
}

/** The parts of such a family are metrics of their own. */
function isFamily(type: MetricType): boolean {
  return type === 'histogram' || type === 'summary' || type === 'gaugehistogram';
}

function byName(name: string): Aggregate {
  return name.endsWith('_total') ? 'rate' : 'mean';
}

/**
 * The aggregate that a metric of this name most likely has, where its values are known without their type: by the suffixes of
 * cumulative series in the Prometheus and OpenMetrics text formats.
 */
export function likelyAggregate(name: string): Aggregate {
  return PART.test(name) ? 'rate' : 'mean';
}

/** Reads a type as senders write it into the label `__type__`; anything else is `unknown`. */
export function metricTypeOf(text: string): MetricType {
  return METRIC_TYPES.find((type) => type === text) ?? 'unknown';
}
