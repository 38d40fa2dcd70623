import { decodeLabelBlock } from '../model/labels/label-block.js';
import { type Labels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { metricNameOf } from '../model/labels/metric-name.js';
import type { MarkerSink } from '../model/samples/marker-sink.js';
import type { MetricType } from '../model/samples/metric-type.js';
import { Untracked } from '../model/samples/write-sink.js';
import type { SeriesReference } from '../model/settings/series-reference.js';
import type { Rule } from '../model/settings/settings.js';
import { type AggregateSource, MetricTypes } from './metric-types.js';
import { References } from './references/references.js';
import { GAUGE_FALLS, REFUTING_FALLS } from './rings/counter-behavior.js';
import { fillGaps } from './rings/ring-fill.js';
import type { SampleRings } from './rings/sample-rings.js';
import { SeriesIndex } from './series-index.js';
import { type RingLayout, type SeriesLayout, SeriesLayouts } from './series-layouts.js';
import { type SeriesLimit, type SeriesLimitOptions, SeriesLimits } from './series-limits.js';
import type { SeriesStats } from './series-stats.js';
import { ALL_PARTS, NONE, SeriesTable } from './series-table.js';
import { type RecordReader, type RecordWriter, SnapshotError } from './snapshot/snapshot-record.js';
import { MarkedSeries } from './untracked/marked-series.js';

/** What a request takes of the walk over all series after types changed: some milliseconds of looking, and of rebuilding rings. */
const REVIEWED_AT_ONCE = 5_000;
const REBUILT_AT_ONCE = 10;

/** The rule of a series, by its labels without external ones; none means it is not tracked. */
export type ChooseRule = (labels: Labels) => Rule | undefined;

/** Called back when something happens to a series, within the call that does it. */
export interface SeriesListener {
  seriesAdded(id: number): void;
  /** It can still be read; after the call its id may be given to another series. */
  seriesRemoved(id: number): void;
  /** Its rings were replaced, empty or with another layout. Views of the former ones are invalid. */
  seriesReset(id: number): void;
  /** A sample has come after an unusual silence, since the one at `beforeMs`: some may have been lost. */
  seriesResumed(id: number, beforeMs: number): void;
}

export interface RegistryOptions extends SeriesLimitOptions {
  readonly chooseRule: ChooseRule;
  /**
   * Lets the behaviour of series without a type decide whether they are counters; without it their name decides. `rereadsHistory`:
   * their history is read again from a database when that changes, else their rates are derived from their means.
   */
  readonly behavior?: { readonly rereadsHistory: boolean };
  /** Where samples of series go that mark events. */
  readonly markers?: MarkerSink;
  /** Those of the rules to series that have a figure of theirs. */
  readonly references?: readonly SeriesReference[];
}

/** The tracked series, the layout of each, and what happens to them when rules or types change. */
export class SeriesRegistry {
  readonly table = new SeriesTable();
  readonly index = new SeriesIndex();
  readonly marked: MarkedSeries;
  /** The series to which rules refer. */
  readonly references: References;
  listener: SeriesListener | undefined;
  readonly #layouts: SeriesLayouts;
  readonly #types = new MetricTypes();
  readonly #stats: SeriesStats;
  readonly #limits: SeriesLimits;
  readonly #behavior: RegistryOptions['behavior'];
  #chooseRule: ChooseRule;
  #typesChanged = false;
  /** Series that are still to be looked at because types changed. */
  #toReview: Iterator<number> | undefined;

  constructor(options: RegistryOptions, stats: SeriesStats) {
    this.#chooseRule = options.chooseRule;
    this.#behavior = options.behavior;
    this.#limits = new SeriesLimits(options);
    this.marked = new MarkedSeries(options.markers);
    this.#stats = stats;
    this.#layouts = new SeriesLayouts(this.table, stats);
    this.references = new References({
      references: options.references ?? [],
      tracked: {
        newestValue: (id) => this.layout(id).rings.newestValue(id),
        newestMs: (id) => this.table.newestMs[id]!,
        isEnded: (id) => !Number.isNaN(this.table.endedAtMs[id]!),
        labels: (id) => this.labels(id),
      },
      maxSeries: options.maxSeries,
    });
  }

  /** Why no series more would be let in now, of whatever rule; undefined where some would. */
  get fullBecause(): 'seriesLimit' | 'memoryLimit' | undefined {
    return this.#limits.fullBecause(this.#allBytes);
  }

  /** Whether a series that was refused for `reason` may be let in now, where there is room at all. */
  mayHavePassed(reason: SeriesLimit): boolean {
    return this.#limits.mayHavePassed(reason);
  }

  /** Sets the clock by which new series are counted. */
  set nowMs(nowMs: number) {
    this.#limits.nowMs = nowMs;
  }

  /** The rule for a series with these labels. */
  ruleOf(labels: Labels): Rule | undefined {
    return this.#chooseRule(labels);
  }

  get #allBytes(): number {
    return this.heldBytes + this.#stats.ringBytes;
  }

  /** Memory held beside the rings: label blocks, index and columns of all series. */
  get heldBytes(): number {
    return this.index.capacityBytes + this.table.byteLength;
  }

  /** The ids of all series, ascending; a series may be removed while they are walked. */
  *ids(): Iterable<number> {
    for (let id = 0; id < this.table.top; id++) {
      if (this.table.blockId[id] !== NONE) yield id;
    }
  }

  layout(id: number): SeriesLayout {
    return this.#layouts.layout(this.table.layout[id]!);
  }

  labels(id: number): Labels {
    return decodeLabelBlock(this.index.block(this.table.blockId[id]!));
  }

  /** Adds the series of a canonical block if a rule wants it. Returns the id of the block, or why there is none: `noRule` or a limit. One that comes from a snapshot is not new. */
  add(labels: Labels, block: Uint8Array, arrivedMs: number, isNew = true): number {
    const rule = this.#chooseRule(labels);
    if (rule === undefined) return Untracked.noRule;
    const refusal = this.#limits.refusal(rule, this.#allBytes, isNew);
    if (refusal !== undefined) return Untracked[refusal];
    this.#limits.added(rule, isNew);
    const { table } = this;
    const id = table.take();
    const blockId = this.index.addSeries(id, block);
    table.blockId[id] = blockId;
    const isMarker = this.marked.isMarker(labels);
    table.layout[id] = this.#layoutNumber(rule, labelValue(labels, METRIC_NAME), isMarker);
    table.arrivedMs[id] = arrivedMs;
    this.layout(id).rings.open(id);
    this.#stats.seriesAdded++;
    this.references.addTracked(id, labels);
    this.listener?.seriesAdded(id);
    return blockId;
  }

  /**
   * Gives a series just added the samples it had in a snapshot, of which the record still has the columns and the memory;
   * where the layout has changed since, the rings are rebuilt as after a change of rules.
   */
  restore(id: number, layout: RingLayout, record: RecordReader): void {
    this.table.restore(id, record);
    const memory = record.bytes();
    const { rings } = this.layout(id);
    const former = this.#layouts.rings(layout);
    const isSame = rings.sameLayout(former);
    if (!isSame) {
      rings.close(id);
      former.open(id);
    }
    if (memory.length !== former.bytes(id).length) throw new SnapshotError('the rings of a series have another size');
    former.bytes(id).set(memory);
    if (!isSame) this.#rebuildRings(id, former);
  }

  /** Gives the metric of this name the aggregate `last` where its rule leaves that to its type. */
  setDerived(name: string): void {
    this.#types.setDerived(name);
  }

  /** Writes what is known of the type of a metric. */
  saveType(name: string, record: RecordWriter): void {
    this.#types.save(name, record);
  }

  /** Takes in what `saveType` wrote. */
  restoreType(name: string, record: RecordReader): void {
    this.#types.restore(name, record);
  }

  /** Moves on behind what `saveType` wrote. */
  skipType(record: RecordReader): void {
    this.#types.skip(record);
  }

  /** Removes the series of which nothing came since the time that `beforeMs` has for their rule. Returns how many. */
  removeIdle(beforeMs: (rule: Rule) => number, onRemove?: (id: number) => void): number {
    let removed = 0;
    for (const id of this.ids()) {
      if (this.table.arrivedMs[id]! > beforeMs(this.layout(id).rule)) continue;
      onRemove?.(id);
      this.remove(id);
      removed++;
    }
    return removed;
  }

  /** As in `SeriesStore`. */
  setRules(chooseRule: ChooseRule, references: readonly SeriesReference[]): Iterable<number> {
    this.#chooseRule = chooseRule;
    this.marked.clear();
    this.references.set(references);
    return this.#applyRules();
  }

  *#applyRules(): Iterable<number> {
    for (const id of this.ids()) {
      const labels = this.labels(id);
      const rule = this.#chooseRule(labels);
      if (rule === undefined) {
        this.remove(id);
      } else {
        this.#changeLayout(id, rule, labelValue(labels, METRIC_NAME), this.marked.isMarker(labels));
        this.references.addTracked(id, labels);
      }
      yield id;
    }
    const used = new Set<number>();
    for (const id of this.ids()) used.add(this.table.layout[id]!);
    this.#layouts.prune(used);
  }

  /** To be called before each request: refs of the one before are no longer valid. */
  beginRequest(): void {
    this.index.prune((id) => this.table.electedReplica[id]!);
    this.reviewTypes();
  }

  /** Takes in the type of a metric family; it takes effect with `reviewTypes`. */
  setMetricType(family: string, type: MetricType): void {
    if (this.#types.learn(family, type)) this.#typesChanged = true;
    this.#stats.metricTypesDropped = this.#types.dropped;
  }

  /**
   * Applies types that contradict the names of series: a walk over all series, of which each request takes a part, so that none is held
   * up by it. Types that change meanwhile are taken in by a walk after it.
   */
  reviewTypes(): void {
    if (this.#toReview === undefined && this.#typesChanged) {
      this.#typesChanged = false;
      this.#toReview = this.ids()[Symbol.iterator]();
    }
    let rebuilt = 0;
    for (let looked = 0; looked < REVIEWED_AT_ONCE && rebuilt < REBUILT_AT_ONCE; looked++) {
      if (this.#toReview === undefined) return;
      const { done, value: id } = this.#toReview.next();
      if (done) {
        this.#toReview = undefined;
        return;
      }
      const { rule } = this.layout(id);
      if (rule.settings.aggregate === 'auto' && this.#changeLayout(id, rule, this.#nameOf(id))) rebuilt++;
    }
  }

  /** How the aggregate of a series was decided; undefined where its rule did. */
  aggregateSource(id: number): AggregateSource | undefined {
    return this.layout(id).rule.settings.aggregate === 'auto' ? this.#types.sourceOf(this.#nameOf(id)) : undefined;
  }

  /**
   * Takes in that a series has shown what it is: that it only climbs, or that it falls as no counter does. Takes effect for
   * it at once, and for the others of its metric with the next request. Returns the name of the metric if that is news.
   */
  noteBehavior(id: number): string | undefined {
    const { table } = this;
    const { aggregate, rule, rings } = this.layout(id);
    const name = this.#nameOf(id);
    const isRefuted = table.refutingFalls[id]! >= REFUTING_FALLS && this.#types.sourceOf(name) === 'behavior';
    const isGauge = isRefuted || table.falls[id]! >= GAUGE_FALLS;
    table.behaved = NONE;
    table.climbs[id] = 0;
    table.refutingFalls[id] = 0;
    if (isGauge) table.falls[id] = 0;
    if (this.#behavior === undefined || rule.settings.aggregate !== 'auto') return undefined;
    if (aggregate === 'mean' && (isGauge || rings.hasPartialFalls(id))) return undefined;
    const isNews = this.#types.observe(name, isGauge ? 'mean' : 'rate');
    this.#stats.metricTypesDropped = this.#types.dropped;
    if (!isNews) return undefined;
    this.#typesChanged = true;
    this.#changeLayout(id, rule, name);
    return name;
  }

  #nameOf(id: number): string {
    return metricNameOf(this.index.block(this.table.blockId[id]!));
  }

  /** Removes a series. */
  remove(id: number): void {
    this.listener?.seriesRemoved(id);
    this.references.removeTracked(id);
    this.#limits.removed(this.layout(id).rule);
    this.layout(id).rings.close(id);
    this.index.remove(this.table.blockId[id]!);
    this.marked.remove(id);
    this.table.release(id);
    this.#stats.seriesRemoved++;
  }

  /** Returns whether its rings were replaced. */
  #changeLayout(id: number, rule: Rule, name: string, isMarker = this.layout(id).isMarker): boolean {
    const { rings: former, rule: formerRule } = this.layout(id);
    this.#limits.moved(formerRule, rule);
    this.table.layout[id] = this.#layoutNumber(rule, name, isMarker);
    if (this.layout(id).rings.sameLayout(former)) return false;
    this.#rebuildRings(id, former);
    this.listener?.seriesReset(id);
    return true;
  }

  /** Moves a series from rings of `former` into rings of its layout, with what they can take over. */
  #rebuildRings(id: number, former: SampleRings): void {
    const { table } = this;
    const { rings } = this.layout(id);
    if (rings.canTakeOver(former)) {
      const formerId = table.take();
      table.moveRings(id, formerId);
      if (rings.stepMs !== former.stepMs) {
        table.openWeight[id] = 0;
        table.openParts[id] = ALL_PARTS;
      }
      if (rings.resolutionMs !== former.resolutionMs) table.clearVariance(id);
      rings.open(id);
      fillGaps(rings, id, former, formerId);
      former.close(formerId);
      table.release(formerId);
    } else if (this.#behavior?.rereadsHistory === false && rings.canDeriveFrom(former)) {
      rings.deriveRates(id, former);
    } else {
      former.close(id);
      table.clearSamples(id);
      rings.open(id);
    }
  }

  #layoutNumber(rule: Rule, name: string, isMarker: boolean): number {
    const { aggregate } = rule.settings;
    return this.#layouts.numberOf(rule, aggregate === 'auto' ? this.#types.aggregateOf(name) : aggregate, isMarker);
  }
}
