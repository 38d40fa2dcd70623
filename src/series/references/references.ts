import { formatLabels, type Labels } from '../../model/labels/labels.js';
import type { SampleOutcome } from '../../model/samples/write-sink.js';
import type { SeriesReference } from '../../model/settings/series-reference.js';
import { formatLastValue, LastValue, parseLastValue } from './last-value.js';
import { type Match, matchOf, type Referenced } from './referenced.js';
import { Selection } from './selection.js';

/** Refs of series that no rule tracks begin here: above the ids of tracked ones and the refs of markers, and below 2³¹. */
const FIRST_REF = 2 ** 30 + 2 ** 29;
/** What a snapshot has of them: some 150,000. */
const MAX_SAVED_BYTES = 48 * 2 ** 20;

/** What is known of a tracked series, for those that refer to it. */
export interface TrackedValues {
  /** Its last value, NaN before the first, when that was, and whether a stale marker came after it. */
  newestValue(id: number): number;
  newestMs(id: number): number;
  isEnded(id: number): boolean;
  labels(id: number): Labels;
}

/** Whether what `resolve` returned is the ref of a series of which the last value alone is kept. */
export function isReferenceRef(ref: number): boolean {
  return ref >= FIRST_REF;
}

/** The series to which rules refer, tracked or not. Of those that no rule tracks it owns the last value. */
export class References {
  readonly #tracked: TrackedValues;
  readonly #maxSeries: number;
  readonly #selections = new Map<string, Selection>();
  readonly #byReference = new Map<SeriesReference, Selection>();
  readonly #ofTracked = new Map<number, { readonly labels: Labels; readonly series: Referenced }>();
  readonly #untracked = new Map<number, LastValue>();
  readonly #refs = new Map<string, number>();
  #nextRef = FIRST_REF;

  /** `maxSeries`: of those that no rule tracks; more are refused. */
  constructor({
    references,
    tracked,
    maxSeries,
  }: { references: readonly SeriesReference[]; tracked: TrackedValues; maxSeries: number }) {
    this.#tracked = tracked;
    this.#maxSeries = maxSeries;
    this.#select(references);
  }

  /** Series that no rule tracks of which the last value is kept. */
  get size(): number {
    return this.#untracked.size;
  }

  /** Whether no rule refers to any series. */
  get areNone(): boolean {
    return this.#selections.size === 0;
  }

  /** Changes the references. Last values are kept as far as these want them; tracked series are to be added again. */
  set(references: readonly SeriesReference[]): void {
    const kept = [...this.#untracked];
    this.#untracked.clear();
    this.#refs.clear();
    this.#ofTracked.clear();
    this.#select(references);
    for (const [ref, last] of kept) if (this.#wants(last.labels)) this.#keep(ref, last);
  }

  /** Takes in that a series is tracked: rules may refer to it, and its value is kept elsewhere. It may be known already. */
  addTracked(id: number, labels: Labels): void {
    if (this.#ofTracked.has(id) || !this.#wants(labels)) return;
    const ref = this.#refs.get(formatLabels(labels));
    if (ref !== undefined) this.#remove(ref);
    const series = new TrackedValue(id, this.#tracked);
    this.#ofTracked.set(id, { labels, series });
    for (const selection of this.#selecting(labels)) selection.add(labels, series);
  }

  /** Takes in that a series is tracked no longer. */
  removeTracked(id: number): void {
    for (const selection of this.#selections.values()) selection.forget(id);
    const known = this.#ofTracked.get(id);
    if (known === undefined) return;
    this.#ofTracked.delete(id);
    for (const selection of this.#selecting(known.labels)) selection.remove(known.labels, known.series);
  }

  /** The ref of a series that no rule tracks; undefined where no rule refers to it, or there is no room. */
  refOf(labels: Labels, arrivedMs: number): number | undefined {
    if (!this.#wants(labels)) return undefined;
    const known = this.#refs.get(formatLabels(labels));
    if (known !== undefined) return known;
    return this.#add(new LastValue(labels, arrivedMs));
  }

  /** Whether a ref of `refOf` still holds. */
  has(ref: number): boolean {
    return this.#untracked.has(ref);
  }

  append(ref: number, timeMs: number, value: number, arrivedMs: number): SampleOutcome {
    const last = this.#untracked.get(ref)!;
    last.arrivedMs = arrivedMs;
    return last.append(timeMs, value);
  }

  appendStale(ref: number, timeMs: number): SampleOutcome {
    return this.#untracked.get(ref)!.appendStale(timeMs);
  }

  /** What a reference comes to for a tracked series; `none` for one like which no rule has any. */
  match(id: number, reference: SeriesReference): Match {
    const selection = this.#byReference.get(reference) ?? this.#selections.get(keyOf(reference));
    if (selection === undefined) return 'none';
    const match = matchOf(selection.matching(id, (each) => this.#tracked.labels(each)));
    return typeof match === 'number' ? reference.factor * match : match;
  }

  /** Forgets the values of which nothing came since a receiving time. */
  removeIdle(beforeMs: number): void {
    for (const [ref, { arrivedMs }] of this.#untracked) if (arrivedMs <= beforeMs) this.#remove(ref);
  }

  /** The values that are kept here, in pieces of UTF-8. */
  *save(): Iterable<Uint8Array> {
    let bytes = 0;
    for (const last of this.#untracked.values()) {
      if (Number.isNaN(last.value)) continue;
      const piece = Buffer.from(formatLastValue(last));
      bytes += piece.length;
      // The others are known again when their next sample comes.
      if (bytes > MAX_SAVED_BYTES) return;
      yield piece;
    }
  }

  /** Takes up what `save` gave, as far as rules refer to it and there is room. Throws, with nothing restored, for anything else. */
  restore(text: string, arrivedMs: number): void {
    const values = text
      .split('\n')
      .filter(Boolean)
      .map((line) => parseLastValue(line, arrivedMs));
    const isTracked = new Set(Array.from(this.#ofTracked.values(), ({ labels }) => formatLabels(labels)));
    for (const last of values) {
      const name = formatLabels(last.labels);
      if (this.#wants(last.labels) && !isTracked.has(name) && !this.#refs.has(name)) this.#add(last);
    }
  }

  #add(last: LastValue): number | undefined {
    if (this.#untracked.size >= this.#maxSeries) return undefined;
    const ref = this.#nextRef++;
    this.#keep(ref, last);
    return ref;
  }

  #keep(ref: number, last: LastValue): void {
    this.#untracked.set(ref, last);
    this.#refs.set(formatLabels(last.labels), ref);
    for (const selection of this.#selecting(last.labels)) selection.add(last.labels, last);
  }

  #remove(ref: number): void {
    const last = this.#untracked.get(ref)!;
    this.#untracked.delete(ref);
    this.#refs.delete(formatLabels(last.labels));
    for (const selection of this.#selecting(last.labels)) selection.remove(last.labels, last);
  }

  #select(references: readonly SeriesReference[]): void {
    this.#selections.clear();
    this.#byReference.clear();
    for (const reference of references) {
      const key = keyOf(reference);
      const selection = this.#selections.get(key) ?? new Selection(reference);
      this.#selections.set(key, selection);
      this.#byReference.set(reference, selection);
    }
  }

  #wants(labels: Labels): boolean {
    for (const { selects } of this.#selections.values()) if (selects(labels)) return true;
    return false;
  }

  #selecting(labels: Labels): Selection[] {
    return [...this.#selections.values()].filter(({ selects }) => selects(labels));
  }
}

/** References of one key select the same, whatever their factor. */
function keyOf({ selector, on, ignoring }: SeriesReference): string {
  return JSON.stringify([selector, on, ignoring]);
}

/** The last value of a tracked series, as its rings have it. */
class TrackedValue implements Referenced {
  readonly #id: number;
  readonly #values: TrackedValues;

  constructor(id: number, values: TrackedValues) {
    this.#id = id;
    this.#values = values;
  }

  get value(): number {
    return this.#values.newestValue(this.#id);
  }

  get timeMs(): number {
    return this.#values.newestMs(this.#id);
  }

  get isEnded(): boolean {
    return this.#values.isEnded(this.#id);
  }
}
