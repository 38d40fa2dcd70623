import type { Labels } from '../../model/labels/labels.js';
import type { MarkerSink } from '../../model/samples/marker-sink.js';
import { NONE } from '../series-table.js';

/** Refs of series that no rule wants and a marker does: those of the marker sink and this. Label blocks have smaller ids. */
const FIRST_REF = 2 ** 30;
/** Those of references begin there. */
const END_OF_REFS = 2 ** 30 + 2 ** 29;

/** Whether `resolve` returned the ref of a marker series that no rule tracks. */
export function isMarkerRef(ref: number): boolean {
  return ref >= FIRST_REF && ref < END_OF_REFS;
}

/** The way of samples to the markers: of series that are tracked too, by their ids, and of those that are not, by refs. */
export class MarkedSeries {
  readonly #sink: MarkerSink | undefined;
  /** Refs of the sink by id, of tracked series; −1 where it had no room. */
  readonly #tracked = new Map<number, number>();

  /** Without a sink no series marks anything. */
  constructor(sink: MarkerSink | undefined) {
    this.#sink = sink;
  }

  isMarker(labels: Labels): boolean {
    return this.#sink?.isMarker(labels) ?? false;
  }

  /** The ref of a marker series that no rule tracks; `NONE` if no marker matches it. */
  resolve(labels: Labels, sender: string): number {
    const ref = this.#sink?.find(labels, sender) ?? NONE;
    return ref === NONE ? NONE : FIRST_REF + ref;
  }

  /** Whether a ref is still good. */
  has(ref: number): boolean {
    return this.#sink?.has(ref - FIRST_REF) ?? false;
  }

  append(ref: number, timeMs: number, value: number): void {
    this.#sink?.append(ref - FIRST_REF, timeMs, value);
  }

  appendStale(ref: number, timeMs: number): void {
    this.#sink?.appendStale(ref - FIRST_REF, timeMs);
  }

  /** A sample of a tracked series, of the replica that the store has elected; `labels` is asked at first sight. */
  appendTracked(id: number, labels: () => Labels, timeMs: number, value: number): void {
    this.#sink?.append(this.#refOf(id, labels), timeMs, value);
  }

  appendTrackedStale(id: number, labels: () => Labels, timeMs: number): void {
    this.#sink?.appendStale(this.#refOf(id, labels), timeMs);
  }

  /** Forgets a tracked series, whose id may be given to another. */
  remove(id: number): void {
    this.#tracked.delete(id);
  }

  /** Forgets all: each is asked for again. */
  clear(): void {
    this.#tracked.clear();
  }

  #refOf(id: number, labels: () => Labels): number {
    let ref = this.#tracked.get(id);
    if (ref === undefined || (ref !== NONE && !this.#sink!.has(ref))) {
      ref = this.#sink!.find(labels(), '');
      this.#tracked.set(id, ref);
    }
    return ref;
  }
}
