import { type Labels, labelValue, METRIC_NAME } from '../../model/labels/labels.js';

/** Metric names of which an example is kept. */
const MAX_EXAMPLES = 500;

/** The series that no rule matches, since the rules were last changed: how many there are, and an example of each metric. */
export class UnmatchedSeries {
  readonly #examples = new Map<string, Labels>();
  #count = 0;

  /** Label-set variants that were met. */
  get count(): number {
    return this.#count;
  }

  /** One series of each of the first 500 metrics. */
  get examples(): Iterable<Labels> {
    return this.#examples.values();
  }

  add(labels: Labels): void {
    this.#count++;
    const name = labelValue(labels, METRIC_NAME);
    if (this.#examples.size < MAX_EXAMPLES && !this.#examples.has(name)) this.#examples.set(name, labels);
  }

  clear(): void {
    this.#count = 0;
    this.#examples.clear();
  }
}
