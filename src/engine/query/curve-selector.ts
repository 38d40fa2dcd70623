import { type Label, type Labels, labelValue, METRIC_NAME } from '../../model/labels.js';
import { compileMatchers, type Matcher, REQUEST_LIMITS } from '../../model/matcher.js';
import { CURVE_LABEL, CURVE_VALUE } from '../../model/synthetic.js';

/** Tells by PromQL matchers which curves are asked for, and with which labels. */
export class CurveSelector {
  readonly #acceptsName: (labels: Labels) => boolean;
  readonly #acceptsRest: (labels: Labels) => boolean;
  /** Labels that every curve gets. */
  readonly #added: readonly Label[];

  /**
   * `externalLabels`: names of labels that the Prometheus which asks adds to whatever leaves it, and to its questions (its
   * `filter_external_labels`). Series here do not have them; a matcher that wants one to be equal to something is met,
   * and the curve gets the label, so that Prometheus can take it off again. Throws `MatcherError`.
   */
  constructor(matchers: readonly Matcher[], externalLabels: ReadonlySet<string>) {
    const isExternal = ({ name, type, value }: Matcher) => type === '=' && value !== '' && externalLabels.has(name);
    const external = matchers.filter(isExternal).map(({ name, value }) => ({ name, value }));
    this.#added = [{ name: CURVE_LABEL, value: CURVE_VALUE }, ...external];
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
   * The labels of the curves of a source but for their name, in no order, or undefined where they are not asked for. A
   * source that has one of the labels itself would have to share its curve's identity with another, and has none.
   */
  labelsOf(source: Labels): Labels | undefined {
    const labels = [...source.filter(({ name }) => name !== METRIC_NAME), ...this.#added];
    const isClash = this.#added.some(({ name }) => labelValue(source, name) !== '');
    return isClash || !this.#acceptsRest(labels) ? undefined : labels;
  }
}

/** Whether a query is about curves at all: everything else is not for Sentio to answer. */
export function asksForCurves(matchers: readonly Matcher[]): boolean {
  return matchers.some(({ name, type, value }) => name === CURVE_LABEL && type === '=' && value === CURVE_VALUE);
}
