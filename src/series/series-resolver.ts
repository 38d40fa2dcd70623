import { encodeLabelBlock } from '../model/labels/label-block.js';
import { formatLabels, type Labels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { METADATA_LABELS, TYPE_LABEL } from '../model/labels/metadata-labels.js';
import { Untracked } from '../model/samples/write-sink.js';
import { isSyntheticName } from '../model/settings/synthetic.js';
import { hashBytes } from './labels/label-hash.js';
import { InvalidLabelsError, type LabelLimits, validateLabels } from './labels/validate-labels.js';
import { metricTypeOf } from './metric-types.js';
import type { SeriesLimit } from './series-limits.js';
import type { SeriesRegistry } from './series-registry.js';
import type { SeriesStats } from './series-stats.js';
import { NONE } from './series-table.js';
import { IgnoredSeries } from './untracked/ignored-series.js';
import { isMarkerRef } from './untracked/marked-series.js';
import { UnmatchedSeries } from './untracked/unmatched-series.js';

/** Refusals that end when there is room. */
const LIMITS: ReadonlyMap<number, SeriesLimit> = new Map(
  (['seriesLimit', 'memoryLimit', 'newSeriesLimit', 'ruleLimit'] as const).map((limit) => [Untracked[limit], limit]),
);

export interface ResolverOptions extends LabelLimits {
  /** Labels the sender adds to every series; they are no part of a series' identity. */
  readonly externalLabels: readonly string[];
  /** Memory for remembering which series are not tracked. */
  readonly maxIgnoredBytes: number;
}

/** Finds the series of a label block on the wire. A block is decided on when it is first seen; the decision is remembered. */
export class SeriesResolver {
  readonly unmatched = new UnmatchedSeries();
  readonly #series: SeriesRegistry;
  readonly #limits: LabelLimits;
  readonly #externalLabels: ReadonlySet<string>;
  readonly #ignored: IgnoredSeries;
  readonly #stats: SeriesStats;
  /** The bytes of the last call, and a view of them: a request is one array. */
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  /** The ref by which the block that was decided on last is kept for a marker or a reference, though it is not tracked; else `NONE`. */
  #kept = NONE;

  constructor(options: ResolverOptions, series: SeriesRegistry, stats: SeriesStats) {
    this.#series = series;
    this.#stats = stats;
    this.#limits = options;
    this.#externalLabels = new Set(options.externalLabels);
    this.#ignored = new IgnoredSeries(options.maxIgnoredBytes, stats);
  }

  /** The id of the block in bytes [start, end), the ref of a series that is kept for a marker or a reference alone, or one of `Untracked`. */
  resolve(bytes: Uint8Array, start: number, end: number, arrivedMs: number): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    // Fast path: senders repeat their order.
    const blockId = this.#series.index.predictNext(view, start, end);
    if (blockId !== NONE) return blockId;
    let ignored = this.#ignored.predictNext(view, start, end);
    // Slow path.
    if (ignored === NONE) {
      const hash = hashBytes(view, start, end);
      const found = this.#series.index.find(view, start, end, hash);
      if (found !== NONE) return found;
      ignored = this.#ignored.find(view, start, end, hash);
      if (ignored === NONE) return this.#firstSight(bytes, start, end, arrivedMs, hash);
    }
    const code = this.#ignored.codeOf(ignored);
    if (code >= 0) {
      if (isMarkerRef(code) ? this.#series.marked.has(code) : this.#series.references.has(code)) return code;
      // It was silent, and others came that were not, or a rule tracks it now.
      this.#ignored.remove(ignored);
      return this.#firstSight(bytes, start, end, arrivedMs, hashBytes(view, start, end));
    }
    const limit = LIMITS.get(code);
    if (limit === undefined) return code;
    const full = this.#series.fullBecause;
    if (full !== undefined) return Untracked[full];
    if (!this.#series.mayHavePassed(limit)) return code;
    // Refused because a limit was reached, and there is room now.
    this.#ignored.remove(ignored);
    return this.#firstSight(bytes, start, end, arrivedMs, hashBytes(view, start, end));
  }

  /** The labels that identify the series of a block, without external ones. Throws `InvalidLabelsError` for a block that is refused. */
  identify(block: Uint8Array): Labels {
    return this.identityOf(validateLabels(block, 0, block.length, this.#limits));
  }

  /** Labels without external ones, and without those that say type and unit. */
  identityOf(labels: Labels): Labels {
    return labels.filter(({ name }) => !this.#externalLabels.has(name) && !METADATA_LABELS.has(name));
  }

  /** Forgets which series are not tracked: each is decided on again. */
  forgetIgnored(): void {
    this.#ignored.clear();
    this.unmatched.clear();
  }

  #firstSight(bytes: Uint8Array, start: number, end: number, arrivedMs: number, hash: number): number {
    this.#kept = NONE;
    const blockId = this.#findOrAdd(bytes, start, end, arrivedMs);
    if (blockId >= 0) return blockId;
    if (this.#kept === NONE) {
      this.#ignore(start, end, hash, blockId);
      return blockId;
    }
    // One that has no room to be tracked is tried again each time.
    if (blockId === Untracked.noRule) this.#ignore(start, end, hash, this.#kept);
    return this.#kept;
  }

  #ignore(start: number, end: number, hash: number, code: number): void {
    const { ignoredResets } = this.#stats;
    this.#ignored.add(this.#view, start, end, hash, code);
    // All that were forgotten are counted again as they come.
    if (this.#stats.ignoredResets !== ignoredResets) this.unmatched.clear();
  }

  /** Finds or adds the series of a label-set variant never seen before. Returns the id of the block, or one of `Untracked`. */
  #findOrAdd(bytes: Uint8Array, start: number, end: number, arrivedMs: number): number {
    let labels: Labels;
    try {
      labels = validateLabels(bytes, start, end, this.#limits);
    } catch (error) {
      if (error instanceof InvalidLabelsError) return this.#unwantedAs(error.labels) ?? error.code;
      throw error;
    }
    if (isSyntheticName(labelValue(labels, METRIC_NAME))) return Untracked.ownOutput;
    const type = labelValue(labels, TYPE_LABEL);
    if (type !== '') this.#series.setMetricType(labelValue(labels, METRIC_NAME), metricTypeOf(type));
    labels = labels.filter(({ name }) => !METADATA_LABELS.has(name));
    const identity = this.identityOf(labels);
    const canonicalBlock = encodeLabelBlock(identity);
    let canonical = this.#series.index.findBlock(canonicalBlock);
    if (canonical === NONE) {
      canonical = this.#series.add(identity, canonicalBlock, arrivedMs);
      if (canonical < 0) {
        const isUnmatched = canonical === Untracked.noRule;
        const ref = isUnmatched ? this.#series.references.refOf(identity, arrivedMs) : undefined;
        this.#kept = ref ?? this.#series.marked.resolve(identity, this.#senderOf(labels));
        if (isUnmatched && this.#kept === NONE) this.unmatched.add(identity);
        return canonical;
      }
    }
    const isWithoutExternal = identity.length === labels.length;
    const replica = isWithoutExternal ? canonical : this.#variant(canonical, encodeLabelBlock(labels), NONE);
    return this.#variant(canonical, bytes.slice(start, end), replica);
  }

  /** Which of several replicas sends these labels. */
  #senderOf(labels: Labels): string {
    return formatLabels(labels.filter(({ name }) => this.#externalLabels.has(name)));
  }

  /** Why a series with these labels would not be tracked anyway, if so; without a name it is refused whatever the rules. */
  #unwantedAs(labels: Labels): number | undefined {
    const name = labelValue(labels, METRIC_NAME);
    if (name === '') return undefined;
    if (isSyntheticName(name)) return Untracked.ownOutput;
    return this.#series.ruleOf(this.identityOf(labels)) === undefined ? Untracked.noRule : undefined;
  }

  #variant(canonical: number, block: Uint8Array, replica: number): number {
    const { index } = this.#series;
    const known = index.findBlock(block);
    return known === NONE ? index.addVariant(canonical, block, replica) : known;
  }
}
