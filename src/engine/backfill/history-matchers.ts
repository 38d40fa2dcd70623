import { escapeExpression } from '../../model/labels/escape-expression.js';
import { type Labels, labelValue } from '../../model/labels/labels.js';
import type { Matcher } from '../../model/labels/matcher.js';

/**
 * Matchers that find the history of these series in one query, and little else: for every label its value, or the values
 * it has among them as alternatives, which Prometheus looks up in its index one by one.
 *
 * A label that the sender adds on sending (`externalLabels`) is absent in its own database and present in one that several
 * senders share, so it may have either form.
 */
export function historyMatchers(series: readonly Labels[], externalLabels: ReadonlySet<string>): Matcher[] {
  const names = new Set(series.flatMap((labels) => labels.map(({ name }) => name)));
  return Array.from(names, (name) => {
    const values = new Set(series.map((labels) => labelValue(labels, name)));
    if (externalLabels.has(name)) values.add('');
    const [first = '', ...others] = values;
    if (others.length === 0) return { name, type: '=', value: first };
    return { name, type: '=~', value: Array.from(values, escapeExpression).join('|') };
  });
}
