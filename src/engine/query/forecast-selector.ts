import { compareUtf8, type Label, type Labels, labelValue, METRIC_NAME } from '../../model/labels/labels.js';
import { compileMatchers, type Matcher, REQUEST_LIMITS } from '../../model/labels/matcher.js';
import { FORECAST_LABEL, FORECAST_VALUE } from '../../model/settings/synthetic.js';

/** Selects forecast series by PromQL matchers and gives them their labels. */
export class ForecastSelector {
  readonly #acceptsName: (labels: Labels) => boolean;
  readonly #acceptsRest: (labels: Labels) => boolean;
  /** Labels that every forecast series gets. */
  readonly #added: readonly Label[];
  readonly #external: readonly Label[];

  /**
   * `externalLabels`: names of labels that the Prometheus which asks adds to everything it sends and to its queries (its
   * `filter_external_labels`). Series here do not have them: a matcher for equality with one is compared with what the senders
   * of the series add, and the forecast series gets the label, so that Prometheus can remove it again. `own`: labels that distinguish them from their source.
   * Throws `MatcherError`.
   */
  constructor(
    matchers: readonly Matcher[],
    externalLabels: ReadonlySet<string>,
    own: readonly Label[] = [{ name: FORECAST_LABEL, value: FORECAST_VALUE }],
  ) {
    const isExternal = ({ name, type, value }: Matcher) => type === '=' && value !== '' && externalLabels.has(name);
    // By name: one that is asked for twice is one label, and one with two values is that of no series.
    const values = new Map(matchers.filter(isExternal).map(({ name, value }) => [name, value]));
    const external = Array.from(values, ([name, value]) => ({ name, value }));
    this.#external = external;
    this.#added = [...own, ...external];
    this.#acceptsName = compileMatchers(
      matchers.filter(({ name }) => name === METRIC_NAME),
      REQUEST_LIMITS,
    );
    this.#acceptsRest = compileMatchers(
      matchers.filter(({ name }) => name !== METRIC_NAME),
      REQUEST_LIMITS,
    );
  }

  acceptsName(name: string): boolean {
    return this.#acceptsName([{ name: METRIC_NAME, value: name }]);
  }

  /**
   * The labels of a source's forecast series without their name; undefined where they are not asked for. A
   * source that has one of the labels itself has none, because another source would have the same series. `sent`: the labels of
   * the source as each of its senders has them.
   */
  labelsOf(source: Labels, sent: () => readonly Labels[]): Labels | undefined {
    const others = source.filter(({ name }) => name !== METRIC_NAME);
    const isClash = this.#added.some(({ name }) => labelValue(source, name) !== '');
    if (isClash) return undefined;
    const labels =
      this.#added.length === 0 ? others : [...others, ...this.#added].sort((a, b) => compareUtf8(a.name, b.name));
    if (!this.#acceptsRest(labels)) return undefined;
    return this.#external.length === 0 || this.#isSentWith(sent()) ? labels : undefined;
  }

  /** A label that no sender adds is added by the Prometheus that asks alone, so its value says nothing. */
  #isSentWith(sent: readonly Labels[]): boolean {
    return this.#external.every(({ name, value }) => {
      const values = sent.map((labels) => labelValue(labels, name)).filter((text) => text !== '');
      return values.length === 0 || values.includes(value);
    });
  }
}

/** Whether a query is about forecast series; Sentio answers no other. */
export function asksForForecasts(matchers: readonly Matcher[]): boolean {
  return matchers.some(({ name, type, value }) => name === FORECAST_LABEL && type === '=' && value === FORECAST_VALUE);
}
