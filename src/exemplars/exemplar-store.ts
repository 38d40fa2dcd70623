import { decodeLabelBlock, LabelError } from '../model/labels/label-block.js';
import { compareLabels, type Labels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { compileMatchers, type Matcher, REQUEST_LIMITS } from '../model/labels/matcher.js';
import type { Exemplar, ExemplarSink } from '../model/samples/exemplar.js';

/** The newest of each series; as many as a chart has room for beside its line. */
const EXEMPLARS_PER_SERIES = 10;
/** Series with exemplars at one time; the one to which none came for longest is forgotten first. */
const MAX_SERIES = 10_000;
/** Series of which none are kept, remembered. */
const MAX_UNWANTED = 100_000;
/** Labels of an exemplar, together; OpenMetrics allows 128 characters. */
const MAX_LABEL_CHARACTERS = 512;

/** A series with its exemplars, ascending in time. */
export interface SeriesExemplars {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

export interface ExemplarStoreOptions {
  /** Whether a rule wants the series of these labels, without those that a sender adds. */
  readonly isWanted: (labels: Labels) => boolean;
  readonly externalLabels: readonly string[];
}

/** Keeps the last few exemplars of every series that a rule wants. In memory alone; bounded. */
export class ExemplarStore implements ExemplarSink {
  readonly #externalLabels: ReadonlySet<string>;
  #isWanted: ExemplarStoreOptions['isWanted'];
  /** By label block in Latin-1; the one that was found last is at the end. */
  readonly #series = new Map<string, { readonly labels: Labels; readonly exemplars: Exemplar[] }>();
  readonly #unwanted = new Set<string>();
  /** The series that `find` returned last: a ref is good until the next call. */
  #found: { readonly labels: Labels; readonly exemplars: Exemplar[] } | undefined;

  constructor({ isWanted, externalLabels }: ExemplarStoreOptions) {
    this.#isWanted = isWanted;
    this.#externalLabels = new Set(externalLabels);
  }

  /** Decides anew which series are wanted. */
  setRules(isWanted: ExemplarStoreOptions['isWanted']): void {
    this.#isWanted = isWanted;
    this.#unwanted.clear();
    for (const [key, { labels }] of this.#series) if (!isWanted(labels)) this.#series.delete(key);
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    if (this.#unwanted.has(key)) return -1;
    let found = this.#series.get(key);
    if (found === undefined) {
      const labels = this.#identityOf(bytes, start, end);
      if (labels === undefined || labelValue(labels, METRIC_NAME) === '') return -2;
      if (!this.#isWanted(labels)) {
        if (this.#unwanted.size >= MAX_UNWANTED) this.#unwanted.clear();
        this.#unwanted.add(key);
        return -1;
      }
      found = { labels, exemplars: [] };
    }
    this.#series.delete(key);
    this.#series.set(key, found);
    const [oldest] = this.#series.keys();
    if (this.#series.size > MAX_SERIES) this.#series.delete(oldest!);
    this.#found = found;
    return 0;
  }

  /** One that came before, or that has more labels than an exemplar may, is left out. */
  append(_ref: number, exemplar: Exemplar): void {
    const { exemplars } = this.#found!;
    const characters = exemplar.labels.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
    if (characters > MAX_LABEL_CHARACTERS || exemplars.some((one) => isSame(one, exemplar))) return;
    const newer = exemplars.findIndex(({ timeMs }) => timeMs > exemplar.timeMs);
    exemplars.splice(newer < 0 ? exemplars.length : newer, 0, exemplar);
    if (exemplars.length > EXEMPLARS_PER_SERIES) exemplars.shift();
  }

  /**
   * Series that meet all matchers and have exemplars between two instants, both included, in the order of their labels; those
   * of several senders of one series together. Throws `MatcherError`.
   */
  select(matchers: readonly Matcher[], startMs: number, endMs: number): SeriesExemplars[] {
    const walk = this.#walk(matchers, startMs, endMs);
    for (;;) {
      const next = walk.next();
      if (next.done) return next.value;
    }
  }

  /** The same with `pause` awaited between two series; rejects with what it throws too. */
  async selectInSlices(
    matchers: readonly Matcher[],
    startMs: number,
    endMs: number,
    pause: () => Promise<void>,
  ): Promise<SeriesExemplars[]> {
    const walk = this.#walk(matchers, startMs, endMs);
    for (;;) {
      const next = walk.next();
      if (next.done) return next.value;
      await pause();
    }
  }

  *#walk(matchers: readonly Matcher[], startMs: number, endMs: number): Generator<void, SeriesExemplars[]> {
    const matches = compileMatchers(matchers, REQUEST_LIMITS);
    const selected = new Map<string, { readonly labels: Labels; readonly exemplars: Exemplar[] }>();
    // A copy, because a series that is found again in a pause moves to the end, where it would be met again.
    for (const { labels, exemplars } of [...this.#series.values()]) {
      yield;
      if (!matches(labels)) continue;
      const within = exemplars.filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs);
      if (within.length === 0) continue;
      const key = JSON.stringify(labels);
      const known = selected.get(key);
      if (known === undefined) selected.set(key, { labels, exemplars: within });
      else known.exemplars.push(...within);
    }
    const all = [...selected.values()];
    for (const { exemplars } of all) exemplars.sort((a, b) => a.timeMs - b.timeMs);
    return all.sort((a, b) => compareLabels(a.labels, b.labels));
  }

  #identityOf(bytes: Uint8Array, start: number, end: number): Labels | undefined {
    try {
      return decodeLabelBlock(bytes, start, end).filter(({ name }) => !this.#externalLabels.has(name));
    } catch (error) {
      if (error instanceof LabelError) return undefined;
      throw error;
    }
  }
}

function isSame(a: Exemplar, b: Exemplar): boolean {
  return a.timeMs === b.timeMs && Object.is(a.value, b.value) && compareLabels(a.labels, b.labels) === 0;
}
