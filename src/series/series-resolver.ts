import { encodeLabelBlock } from '../model/label-block.js';
import { type Labels, labelValue, METRIC_NAME } from '../model/labels.js';
import { isSyntheticName } from '../model/synthetic.js';
import { Untracked } from '../model/write-sink.js';
import { IgnoredSeries } from './ignored-series.js';
import { AdmissionError, admitLabels, type LabelLimits } from './labels/admission.js';
import { hashBytes } from './labels/label-hash.js';
import type { SeriesRegistry } from './series-registry.js';
import type { SeriesStats } from './series-stats.js';
import { NONE } from './series-table.js';

export interface ResolverOptions extends LabelLimits {
  /** Labels the sender adds to every series; they are no part of a series' identity. */
  readonly externalLabels: readonly string[];
  /** Memory for remembering which series are not tracked. */
  readonly maxIgnoredBytes: number;
}

/** From a label block on the wire to a series; the first sight of a block decides, and the decision is remembered. */
export class SeriesResolver {
  readonly #series: SeriesRegistry;
  readonly #limits: LabelLimits;
  readonly #externalLabels: ReadonlySet<string>;
  readonly #ignored: IgnoredSeries;
  /** The bytes of the last call, and a view of them: a request is one array. */
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);

  constructor(options: ResolverOptions, series: SeriesRegistry, stats: SeriesStats) {
    this.#series = series;
    this.#limits = options;
    this.#externalLabels = new Set(options.externalLabels);
    this.#ignored = new IgnoredSeries(options.maxIgnoredBytes, stats);
  }

  /** The entry in the index of the block in bytes [start, end), or one of `Untracked`. */
  resolve(bytes: Uint8Array, start: number, end: number, arrivedMs: number): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    // Fast path: senders repeat their order.
    const entry = this.#series.index.follow(view, start, end);
    if (entry !== NONE) return entry;
    let ignored = this.#ignored.follow(view, start, end);
    // Slow path.
    if (ignored === NONE) {
      const hash = hashBytes(view, start, end);
      const found = this.#series.index.find(view, start, end, hash);
      if (found !== NONE) return found;
      ignored = this.#ignored.find(view, start, end, hash);
      if (ignored === NONE) return this.#firstSight(bytes, start, end, arrivedMs, hash);
    }
    const code = this.#ignored.codeOf(ignored);
    if (code !== Untracked.seriesLimit && code !== Untracked.memoryLimit) return code;
    const full = this.#series.fullBecause;
    if (full !== undefined) return Untracked[full];
    // Refused for want of room, and now there is room.
    this.#ignored.remove(ignored);
    return this.#firstSight(bytes, start, end, arrivedMs, hashBytes(view, start, end));
  }

  /** The labels that identify the series of a block, without external ones. Throws `AdmissionError` for a block that is not let in. */
  identify(block: Uint8Array): Labels {
    return this.#identity(admitLabels(block, 0, block.length, this.#limits));
  }

  /** Has every series that is not tracked looked at anew. */
  forgetIgnored(): void {
    this.#ignored.clear();
  }

  #firstSight(bytes: Uint8Array, start: number, end: number, arrivedMs: number, hash: number): number {
    const entry = this.#admit(bytes, start, end, arrivedMs);
    if (entry < 0) this.#ignored.add(this.#view, start, end, hash, entry);
    return entry;
  }

  /** Finds or makes the series of a block never seen in this spelling. Returns the entry of the block, or one of `Untracked`. */
  #admit(bytes: Uint8Array, start: number, end: number, arrivedMs: number): number {
    let labels: Labels;
    try {
      labels = admitLabels(bytes, start, end, this.#limits);
    } catch (error) {
      if (error instanceof AdmissionError) return error.code;
      throw error;
    }
    if (isSyntheticName(labelValue(labels, METRIC_NAME))) return Untracked.ownOutput;
    const identity = this.#identity(labels);
    const canonicalBlock = encodeLabelBlock(identity);
    let canonical = this.#series.index.findBlock(canonicalBlock);
    if (canonical === NONE) {
      canonical = this.#series.add(identity, canonicalBlock, arrivedMs);
      if (canonical < 0) return canonical;
    }
    const isWithoutExternal = identity.length === labels.length;
    const source = isWithoutExternal ? canonical : this.#alias(canonical, encodeLabelBlock(labels), NONE);
    return this.#alias(canonical, bytes.slice(start, end), source);
  }

  #identity(labels: Labels): Labels {
    return labels.filter(({ name }) => !this.#externalLabels.has(name));
  }

  #alias(canonical: number, block: Uint8Array, source: number): number {
    const { index, table } = this.#series;
    const known = index.findBlock(block);
    return known === NONE ? index.addAlias(canonical, block, source, table.owner[index.idOf(canonical)]!) : known;
  }
}
