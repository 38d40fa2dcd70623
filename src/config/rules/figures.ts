import { METRIC_NAME } from '../../model/labels/labels.js';
import { parseSelector } from '../../model/labels/selector.js';
import type { SeriesReference } from '../../model/settings/series-reference.js';
import { isSyntheticName } from '../../model/settings/synthetic.js';
import type { Path } from '../document/problems.js';
import type { FigureOfSeries } from '../schema/values.js';
import type { Contradiction } from './contradictions.js';
import type { EffectiveRule } from './fill-rule.js';

/** A number, or the series that has it. */
type Figure = number | FigureOfSeries;

/** The figure of a key as the rest of Sentio takes it. */
export function resolveFigure(figure: Figure): number | SeriesReference {
  if (typeof figure === 'number') return figure;
  const { series, on, ignoring, factor = 1 } = figure;
  return {
    selector: series,
    matchers: parseSelector(series),
    ...(on !== undefined && { on }),
    ...(ignoring !== undefined && { ignoring }),
    factor,
  };
}

/** A figure that is a number; NaN for one that another series has, and for none. */
export function numberOf(figure: Figure | undefined): number {
  return typeof figure === 'number' ? figure : Number.NaN;
}

/** The figures of a rule that other series have, with their paths. */
export function figuresOfSeries({
  limits,
  prophet,
}: Pick<EffectiveRule, 'limits' | 'prophet'>): { readonly key: Path; readonly figure: FigureOfSeries }[] {
  const figures: [Path, Figure | undefined][] = [
    [['limits', 'min'], limits.min],
    [['limits', 'max'], limits.max],
    [['prophet', 'cap'], prophet.cap],
    [['prophet', 'floor'], prophet.floor],
  ];
  return figures.flatMap(([key, figure]) => (typeof figure === 'object' ? { key, figure } : []));
}

/** References to series that can say nothing. */
export function* inFigures(rule: EffectiveRule): Iterable<Contradiction> {
  const own = new Set(rule.match.map((text) => metricOf(text)));
  for (const { key, figure } of figuresOfSeries(rule)) {
    const { series, on, ignoring } = figure;
    const metric = metricOf(series);
    if (isSyntheticName(metric)) {
      yield { keys: [key], message: `${series} is a series that Sentio publishes, and does not take in` };
    } else if (own.has(metric) && on === undefined && ignoring === undefined) {
      yield {
        keys: [key],
        message: `${series} is the series itself, because all labels have to match: set on or ignoring, or name another metric`,
      };
    }
  }
}

function metricOf(selector: string): string {
  const named = parseSelector(selector).find(({ name, type }) => name === METRIC_NAME && type === '=');
  return named?.value ?? '';
}
