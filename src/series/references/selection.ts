import type { Labels } from '../../model/labels/labels.js';
import { compileMatchers } from '../../model/labels/matcher.js';
import { matchKey, type SeriesReference } from '../../model/settings/series-reference.js';
import type { Referenced } from './referenced.js';

const NONE: readonly Referenced[] = [];

/** The series that one reference selects, by the labels that have to match. */
export class Selection {
  readonly #reference: SeriesReference;
  readonly selects: (labels: Labels) => boolean;
  readonly #byKey = new Map<string, readonly Referenced[]>();
  /** What was found for the series that refer, by id, since a series was added or removed last. */
  readonly #found = new Map<number, readonly Referenced[]>();

  constructor(reference: SeriesReference) {
    this.#reference = reference;
    this.selects = compileMatchers(reference.matchers);
  }

  /** Adds a series that it selects. */
  add(labels: Labels, series: Referenced): void {
    const key = matchKey(labels, this.#reference);
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? NONE), series]);
    this.#found.clear();
  }

  remove(labels: Labels, series: Referenced): void {
    const key = matchKey(labels, this.#reference);
    const others = (this.#byKey.get(key) ?? NONE).filter((each) => each !== series);
    if (others.length > 0) this.#byKey.set(key, others);
    else this.#byKey.delete(key);
    this.#found.clear();
  }

  /** The series whose labels match those of the series with an id. */
  matching(id: number, labelsOf: (id: number) => Labels): readonly Referenced[] {
    const known = this.#found.get(id);
    if (known !== undefined) return known;
    const found = this.#byKey.get(matchKey(labelsOf(id), this.#reference)) ?? NONE;
    this.#found.set(id, found);
    return found;
  }

  /** An id may be given to another series. */
  forget(id: number): void {
    this.#found.delete(id);
  }
}
