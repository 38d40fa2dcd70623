import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ThrottledLog } from '../lib/throttled-log.js';
import { decodeLabelBlock } from '../model/labels/label-block.js';
import type { Labels } from '../model/labels/labels.js';
import type { Samples } from '../model/samples/columns.js';
import type { MetricType } from '../model/samples/metric-type.js';
import { type RingView, readRing, type TrainingView } from '../model/samples/ring-view.js';
import { SampleOutcome, type WriteSink } from '../model/samples/write-sink.js';
import type { SeriesReference } from '../model/settings/series-reference.js';
import type { Aggregate, Rule, SeriesSettings } from '../model/settings/settings.js';
import { OBSERVED, OBSERVED_RATE } from '../model/settings/synthetic.js';
import { type BackfillCounts, backfillSeries } from './backfill-series.js';
import type { AggregateSource } from './metric-types.js';
import { type ReceivingTime, ReceivingTimes } from './receiving-time.js';
import type { Match } from './references/referenced.js';
import { isReferenceRef } from './references/references.js';
import { ReplicaElection } from './replica-election.js';
import { isKeepable } from './rings/keepable.js';
import { registerSeriesMetrics } from './series-metrics.js';
import { type ChooseRule, type RegistryOptions, type SeriesListener, SeriesRegistry } from './series-registry.js';
import { type ResolverOptions, SeriesResolver } from './series-resolver.js';
import { type Excluded, restoreSeries, saveSeries, skipSeries } from './series-snapshot.js';
import { SeriesStats } from './series-stats.js';
import { NONE } from './series-table.js';
import type { RecordReader, RecordWriter } from './snapshot/snapshot-record.js';
import { isMarkerRef } from './untracked/marked-series.js';
import type { UnmatchedSeries } from './untracked/unmatched-series.js';
import { UntrackedSeries } from './untracked-series.js';

/** A series that is scraped once a step may miss one scrape before a gap is suspected. */
const MAX_SILENT_STEPS = 2;

const WARN_INTERVAL_MS = 60_000;

/** The sender of what comes by remote-write. */
const PUSHED = '';

/** After an outage of any length every series has three quarters of the timeout to come again. */
const MAX_PAUSE_SHARE = 1 / 4;

export interface SeriesStoreOptions extends ResolverOptions, RegistryOptions {
  /** How far ahead of the clock a sample may be. */
  readonly maxFutureMs: number;
  /** A series without a sample for this long, while others come, is removed by `sweepIdle`. */
  readonly seriesIdleTimeoutMs: number;
  readonly log: Pick<Logger, 'warn'>;
}

/** Holds every tracked series, by small integer ids, with its rings of samples. Reads no clock. */
export class SeriesStore implements WriteSink {
  readonly stats = new SeriesStats();
  readonly #options: SeriesStoreOptions;
  readonly #series: SeriesRegistry;
  readonly #resolver: SeriesResolver;
  readonly #replicas: ReplicaElection;
  readonly #receiving: ReceivingTimes;
  #nowMs = 0;
  /** That of the sender of the request. */
  #time: ReceivingTime;
  readonly #untracked: UntrackedSeries;
  readonly #warnings: ThrottledLog;

  constructor(options: SeriesStoreOptions) {
    this.#options = options;
    this.#warnings = new ThrottledLog(options.log, WARN_INTERVAL_MS, () => this.#nowMs);
    this.#series = new SeriesRegistry(options, this.stats);
    this.#resolver = new SeriesResolver(options, this.#series, this.stats);
    this.#replicas = new ReplicaElection(this.#series);
    this.#untracked = new UntrackedSeries(options, {
      series: this.#series,
      resolver: this.#resolver,
      stats: this.stats,
      warnings: this.#warnings,
    });
    this.#receiving = new ReceivingTimes(MAX_PAUSE_SHARE * options.seriesIdleTimeoutMs);
    this.#time = this.#receiving.of(PUSHED);
  }

  /** Called back when series are added, removed or reset. */
  set listener(listener: SeriesListener) {
    this.#series.listener = listener;
  }

  /** Sets the clock for what follows, which comes by remote-write, or from the source of this name that Sentio asked. */
  beginRequest(nowMs: number, source = PUSHED): void {
    this.#nowMs = nowMs;
    this.#time = this.#receiving.of(source);
    this.#series.nowMs = nowMs;
    this.#receiving.requestAt(nowMs, source);
    this.#series.beginRequest();
  }

  /** When something came last from where a series comes from, by the receiver's clock; 0 before the first. */
  lastRequestMs(id: number): number {
    return this.#receiving.lastRequestMs(senderOf(this.rule(id)));
  }

  /** As in `WriteSink`. A ref may be that of a series that no rule wants, and a marker or a reference does. */
  resolve(bytes: Uint8Array, start: number, end: number): number {
    return this.#resolver.resolve(bytes, start, end, this.#time.elapsedMs);
  }

  countUntracked(code: number): void {
    this.#untracked.count(code);
  }

  append(ref: number, timeMs: number, value: number, startMs = 0): SampleOutcome {
    if (isMarkerRef(ref)) return this.#appendMarker(ref, timeMs, value);
    const { table, references } = this.#series;
    if (isReferenceRef(ref)) {
      return this.#isTooNew(timeMs)
        ? SampleOutcome.tooNew
        : references.append(ref, timeMs, value, this.#time.elapsedMs);
    }
    const id = this.#series.index.idOf(ref);
    const outcome = this.#outcomeOf(id, ref, timeMs);
    if (outcome !== SampleOutcome.stored) {
      if (outcome === SampleOutcome.replica) this.#replicas.noteOther(id, timeMs);
      return outcome;
    }
    this.#elect(id, ref);
    if (timeMs > table.endedAtMs[id]!) table.endedAtMs[id] = Number.NaN;
    const { rings, isMarker } = this.#series.layout(id);
    if (isMarker) this.#series.marked.appendTracked(id, () => this.labels(id), timeMs, value);
    if (!isKeepable(value)) {
      if (!(timeMs <= table.emptyMs[id]!)) table.emptyMs[id] = timeMs;
      return SampleOutcome.notFinite;
    }
    const beforeMs = table.newestMs[id]!;
    const appended = rings.append(id, timeMs, value, startMs);
    const gapMs = timeMs - beforeMs;
    if (gapMs > 0) table.learnInterval(id, gapMs);
    else if (gapMs < 0 && appended === SampleOutcome.stored)
      table.overtakenMs[id] = Math.min(table.overtakenMs[id]!, timeMs);
    if (
      appended === SampleOutcome.stored &&
      gapMs > MAX_SILENT_STEPS * rings.stepMs &&
      rings.isUnusualSilence(id, beforeMs, timeMs)
    ) {
      this.#series.listener?.seriesResumed(id, beforeMs);
    }
    if (table.behaved !== NONE) this.#noteBehavior(id);
    return appended;
  }

  appendStale(ref: number, timeMs: number): SampleOutcome {
    if (isMarkerRef(ref)) return this.#appendMarker(ref, timeMs);
    const { table, marked, references } = this.#series;
    if (isReferenceRef(ref)) return this.#isTooNew(timeMs) ? SampleOutcome.tooNew : references.appendStale(ref, timeMs);
    const id = this.#series.index.idOf(ref);
    const outcome = this.#outcomeOf(id, ref, timeMs);
    if (outcome !== SampleOutcome.stored) {
      if (outcome === SampleOutcome.replica) this.#replicas.noteOtherEnded(id);
      return outcome;
    }
    if (timeMs < table.newestMs[id]!) return SampleOutcome.late;
    if (this.#replicas.giveUp(id, timeMs)) return SampleOutcome.stored;
    this.#elect(id, ref);
    table.endedAtMs[id] = timeMs;
    if (this.#series.layout(id).isMarker) marked.appendTrackedStale(id, () => this.labels(id), timeMs);
    return SampleOutcome.stored;
  }

  /** A type that contradicts the name of a metric takes effect with the next request. */
  setMetricType(family: string, type: MetricType): void {
    this.#series.setMetricType(family, type);
  }

  /** Where the aggregate of a series of this name is left to its type, it is the last sample of a step. */
  setDerived(name: string): void {
    this.#series.setDerived(name);
  }

  /** Why `resolve` returned `code` for a block, for people. */
  describe(bytes: Uint8Array, start: number, end: number, code: number): string {
    return this.#untracked.describe(bytes, start, end, code);
  }

  /** Series that are tracked. */
  get size(): number {
    return this.#series.table.size;
  }

  /** Memory held beside the rings: label blocks, index and columns of all series. */
  get indexBytes(): number {
    return this.#series.heldBytes;
  }

  /** The series that no rule matches. */
  get unmatched(): UnmatchedSeries {
    return this.#resolver.unmatched;
  }

  /** The limit for which new series are refused now, if any. */
  get fullBecause(): 'seriesLimit' | 'memoryLimit' | undefined {
    return this.#series.fullBecause;
  }

  /** The ids of all tracked series, ascending. */
  ids(): Iterable<number> {
    return this.#series.ids();
  }

  /** The canonical label block, without external labels; the caller's own. */
  block(id: number): Uint8Array {
    return this.#series.index.block(this.#series.table.blockId[id]!);
  }

  /** The same block without a copy: good until a series comes or goes. */
  blockView(id: number): Uint8Array {
    return this.#series.index.view(this.#series.table.blockId[id]!);
  }

  /** Decoded at each call. */
  labels(id: number): Labels {
    return this.#series.labels(id);
  }

  /** As its sender labels it, external labels included; of several replicas, as the elected one does. */
  sourceLabels(id: number): Labels {
    const elected = this.#series.table.electedReplica[id]!;
    return elected === NONE ? this.labels(id) : decodeLabelBlock(this.#series.index.block(elected));
  }

  /** As each of its senders labels it, external labels included; empty where it has only been restored so far. */
  sentLabels(id: number): Labels[] {
    const { index, table } = this.#series;
    const replicas = new Set(index.replicasOf(table.blockId[id]!));
    return Array.from(replicas, (blockId) => decodeLabelBlock(index.block(blockId)));
  }

  rule(id: number): Rule {
    return this.#series.layout(id).rule;
  }

  settings(id: number): SeriesSettings {
    return this.#series.layout(id).rule.settings;
  }

  /** With `auto` resolved. */
  aggregate(id: number): Aggregate {
    return this.#series.layout(id).aggregate;
  }

  /** What decided that; undefined where the rule did. */
  aggregateSource(id: number): AggregateSource | undefined {
    return this.#series.aggregateSource(id);
  }

  /** The suffix under which the observed quantity of a series is published: `''` where that is the series itself. */
  observedSuffix(id: number): string {
    const { rule, aggregate } = this.#series.layout(id);
    if (aggregate === 'rate') return OBSERVED_RATE;
    // No type of metric leads to `last`, but that of what is derived from histograms.
    return aggregate === 'last' && rule.settings.aggregate === 'auto' ? OBSERVED : '';
  }

  /** What a reference of the rule of a series comes to at present. */
  match(id: number, reference: SeriesReference): Match {
    return this.#series.references.match(id, reference);
  }

  /** Series that no rule tracks of which the last value is kept, because rules refer to them. */
  get referencedSize(): number {
    return this.#series.references.size;
  }

  /** Time of the newest sample, NaN before the first. */
  newestSampleMs(id: number): number {
    return this.#series.table.newestMs[id]!;
  }

  /** Time of the newest sample of whatever value, NaN and infinite ones too; NaN before the first. */
  heardMs(id: number): number {
    return this.#series.table.heardMs(id);
  }

  /** The same, of replicas that are not listened to as well: as long as one of them sends it, a series is there. */
  heardOfAnyMs(id: number): number {
    return this.#replicas.heardOfAnyMs(id);
  }

  /** Time of the oldest sample that was taken after a newer one, since this was called last; +∞ where none was. */
  takeOvertakenMs(id: number): number {
    const { overtakenMs } = this.#series.table;
    const timeMs = overtakenMs[id]!;
    overtakenMs[id] = Number.POSITIVE_INFINITY;
    return timeMs;
  }

  /** The usual time between two samples; NaN before the second. */
  sampleIntervalMs(id: number): number {
    return this.#series.table.intervalMs[id]!;
  }

  /** Time of the oldest sample ever taken, NaN before the first; its bucket may have left the rings. */
  firstSampleMs(id: number): number {
    return this.#series.table.firstMs[id]!;
  }

  /** Time of the stale marker if that is the last thing seen of the series, else NaN. */
  endedAtMs(id: number): number {
    return this.#series.table.endedAtMs[id]!;
  }

  /** The aggregate of the step that starts at `bucketStartMs`; NaN where nothing came or the steps do not reach. */
  stepValue(id: number, bucketStartMs: number): number {
    const { rings } = this.#series.layout(id);
    return rings.stepValue(id, Math.floor(bucketStartMs / rings.stepMs));
  }

  /** Copies the steps whose midpoint is in [fromMs, toMs], including the open one. */
  readSteps(id: number, fromMs: number, toMs: number): Samples {
    return readRing(this.#series.layout(id).rings.fineView(id), fromMs, toMs);
  }

  /** Copies the coarse buckets whose midpoint is in [fromMs, toMs], including the open one. */
  readHistory(id: number, fromMs: number, toMs: number): Samples {
    return readRing(this.#series.layout(id).rings.coarseView(id), fromMs, toMs);
  }

  /** The coarse buckets, the open one with them, in shared memory. */
  historyView(id: number): RingView {
    return this.#series.layout(id).rings.coarseView(id);
  }

  /**
   * Shared memory, no copy. What is read through it is worth something while the series is neither removed nor reset
   * and `isCurrent` still holds afterwards.
   */
  trainingView(id: number): TrainingView {
    const { rings } = this.#series.layout(id);
    return {
      coarse: rings.coarseView(id),
      fine: rings.fineView(id),
      withinBucketVariance: this.#series.table.withinVariance[id]!,
    };
  }

  /** Mean variance of single steps within a coarse bucket, in squared units of the series; 0 where unknown. */
  stepVariance(id: number): number {
    return this.#series.table.withinVariance[id]!;
  }

  /** Sets that mean where more is known than the steps show. */
  setStepVariance(id: number, variance: number): void {
    this.#series.table.withinVariance[id] = variance;
  }

  /** Leaves the coarse bucket at a time out of that mean, because its spread is not usual. */
  skipStepVariance(id: number, timeMs: number): void {
    this.#series.table.unusualBucket[id] = Math.floor(timeMs / this.settings(id).resolutionMs);
  }

  /** Whether what was read through a view is the series': its history has not been put on another base since. */
  isCurrent(id: number, { coarse }: TrainingView): boolean {
    return coarse.base === this.#series.layout(id).rings.coarseBase(id);
  }

  /**
   * Stores raw samples from a database, in time order, in steps and coarse buckets that are closed and empty; live
   * samples keep theirs. A gap repair replaces steps from `repairFromMs` on, the start of a step, because live samples
   * are known to be missing there: those steps that are complete, which a sample of a later step shows. It ignores
   * samples newer than the newest live one; without a repair those are stored as if they were live.
   */
  backfill(id: number, samples: Samples, repairFromMs = Number.POSITIVE_INFINITY): BackfillCounts {
    return backfillSeries(this.#series, id, samples, repairFromMs);
  }

  /**
   * Removes series of which nothing came for `seriesIdleTimeoutMs`. Time in which their sender sent nothing at all does
   * not count: otherwise its outage would remove all of them, and weeks of history. Returns how many.
   */
  sweepIdle(onRemove?: (id: number) => void): number {
    const { seriesIdleTimeoutMs } = this.#options;
    this.#series.references.removeIdle(this.#receiving.of(PUSHED).elapsedMs - seriesIdleTimeoutMs);
    const beforeMs = (rule: Rule) => this.#receiving.of(senderOf(rule)).elapsedMs - seriesIdleTimeoutMs;
    return this.#series.removeIdle(beforeMs, onRemove);
  }

  /**
   * Has new rules apply to series that come from now on, and to each of the tracked ones when the result is walked to its id:
   * until then it has the rule that it had. Rings are kept where aggregate and layout stay the same, converted where the
   * resolution allows, and emptied otherwise; a series that no rule matches any more is removed. Only the walk of the last
   * call may go on.
   */
  setRules(chooseRule: ChooseRule, references: readonly SeriesReference[] = []): Iterable<number> {
    this.#resolver.forgetIgnored();
    return this.#series.setRules(chooseRule, references);
  }

  /** The last values of series that rules refer to and none tracks, in pieces of UTF-8. */
  saveReferenced(): Iterable<Uint8Array> {
    return this.#series.references.save();
  }

  /** Takes up what `saveReferenced` gave, as far as rules refer to it. Throws, with nothing restored, for anything else. */
  restoreReferenced(text: string): void {
    this.#series.references.restore(text, this.#receiving.of(PUSHED).elapsedMs);
  }

  /** Writes all that is kept of a series into a record of a snapshot. */
  saveSeries(id: number, record: RecordWriter): void {
    saveSeries(this.#series, id, record);
  }

  /** Adds the series of a record if the present rules and limits allow it. Returns its id, or why it is left out. */
  restoreSeries(record: RecordReader, nowMs: number): number | Excluded {
    const identify = (block: Uint8Array) => this.#resolver.identify(block);
    const { maxFutureMs } = this.#options;
    const id = restoreSeries(this.#series, record, identify, { nowMs, maxFutureMs });
    // Receiving time continues from the newest arrival in the snapshot.
    if (typeof id === 'number') this.#receivingOf(id).resumeFrom(this.#series.table.arrivedMs[id]!);
    return id;
  }

  /** Moves on behind what `saveSeries` wrote of a series, and returns its label block, valid for as long as the record. */
  skipSeries(record: RecordReader): Uint8Array {
    return skipSeries(this.#series, record);
  }

  /** Lets a series grow idle from now on, whenever its last sample came. */
  touch(id: number): void {
    this.#series.table.arrivedMs[id] = this.#receivingOf(id).elapsedMs;
  }

  /** Removes all series. */
  clear(): void {
    for (const id of this.ids()) this.#series.remove(id);
  }

  /** Defines `sentio_series`, `sentio_ring_bytes`, `sentio_series_untracked_total` and the like. */
  registerMetrics(registry: Registry): void {
    registerSeriesMetrics(registry, this, this.#options);
  }

  /** A sample, or without a value a stale marker, of a series that no rule wants and a marker does. */
  #appendMarker(ref: number, timeMs: number, value?: number): SampleOutcome {
    if (this.#isTooNew(timeMs)) return SampleOutcome.tooNew;
    const { marked } = this.#series;
    if (value === undefined) marked.appendStale(ref, timeMs);
    else marked.append(ref, timeMs, value);
    return SampleOutcome.stored;
  }

  /** Whether a sample of this time is taken from this replica: `stored` if so, else why not. Changes nothing. */
  #outcomeOf(id: number, ref: number, timeMs: number): SampleOutcome {
    if (this.#isTooNew(timeMs)) return SampleOutcome.tooNew;
    if (timeMs < this.#nowMs - this.settings(id).historyMs) return SampleOutcome.tooOld;
    return this.#replicas.isOther(id, ref, timeMs) ? SampleOutcome.replica : SampleOutcome.stored;
  }

  #isTooNew(timeMs: number): boolean {
    return timeMs > this.#nowMs + this.#options.maxFutureMs;
  }

  /** Elects the replica that a sample was just taken from, and notes when it came. */
  #elect(id: number, ref: number): void {
    this.#replicas.elect(id, ref);
    this.#series.table.arrivedMs[id] = this.#time.elapsedMs;
  }

  #receivingOf(id: number): ReceivingTime {
    return this.#receiving.of(senderOf(this.rule(id)));
  }

  /** A series has shown what it is; views of its rings may be invalid afterwards. */
  #noteBehavior(id: number): void {
    const metric = this.#series.noteBehavior(id);
    if (metric === undefined) return;
    const message =
      this.aggregate(id) === 'rate'
        ? 'a metric of unknown type only climbs: treated as a counter'
        : 'a metric of unknown type falls as no counter does: treated as a gauge';
    this.#warnings.warn({ metric }, message);
  }
}

function senderOf({ query }: Rule): string {
  return query?.source ?? PUSHED;
}
