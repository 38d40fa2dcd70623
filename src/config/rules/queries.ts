import { formatDuration, parseDuration } from '../../lib/durations.js';
import { METRIC_NAME } from '../../model/labels/labels.js';
import type { Rule } from '../../model/settings/settings.js';
import type { CalendarSettings } from '../../model/settings/special-days.js';
import { isSyntheticName } from '../../model/settings/synthetic.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import { QUERY_DEFAULTS } from '../schema/defaults.js';
import type { QueryFile, SeriesFile } from '../schema/schema.js';
import { fillRule } from './fill-rule.js';
import { reportContradictions, resolveSettings } from './rules.js';

/** An entry of `queries` with every key that applies to it filled in. */
export type EffectiveQuery = ReturnType<typeof fillQuery>;

/** What applies to a query: its own keys, else those of `defaults`, else the built-in ones. */
export function fillQuery(query: QueryFile, defaults: SeriesFile) {
  const { expr, source, offset = QUERY_DEFAULTS.offset, labels = QUERY_DEFAULTS.labels, ...series } = query;
  const { aggregate = QUERY_DEFAULTS.aggregate } = series;
  const { match: _, ...rule } = fillRule({ ...series, aggregate, match: [] }, defaults);
  // Results come that much later.
  const delayMs = (series.publish_delay ?? defaults.publish_delay) === undefined ? parseDuration(offset) : 0;
  const publish_delay = formatDuration(parseDuration(rule.publish_delay) + delayMs);
  return { ...rule, expr, ...(source !== undefined && { source }), offset, labels, publish_delay };
}

/** The rule for the results of a query; `sources` are the names of those there are. */
export function resolveQuery(
  query: EffectiveQuery,
  sources: readonly string[],
  calendars: ReadonlyMap<string, CalendarSettings>,
  path: Path,
  review: Review,
): Rule {
  const { name, expr, offset, publish_delay, max_series } = query;
  reportContradictions({ ...query, match: [] }, calendars, path, review);
  if (isSyntheticName(name)) {
    review.report([...path, 'name'], `is a name that Sentio publishes, got ${JSON.stringify(name)}`);
  }
  if (Object.hasOwn(query.labels, METRIC_NAME)) {
    review.report([...path, 'labels', METRIC_NAME], 'is the name of the query itself');
  }
  const offsetMs = parseDuration(offset);
  if (parseDuration(publish_delay) <= offsetMs) {
    review.report(
      review.firstPresent([
        [...path, 'publish_delay'],
        [...path, 'offset'],
        ['defaults', 'publish_delay'],
      ]),
      `publish_delay ${publish_delay} is not longer than offset ${offset}: results would come too late to be scored`,
    );
  }
  return {
    name,
    selectors: [[{ name: METRIC_NAME, type: '=', value: name }]],
    ...(max_series > 0 && { maxSeries: max_series }),
    query: { expression: expr, source: sourceOf(query, sources, path, review), offsetMs, labels: query.labels },
    settings: resolveSettings({ ...query, match: [] }, calendars),
  };
}

/** The source of a query: the one that it names, or the only one. */
function sourceOf(query: EffectiveQuery, sources: readonly string[], path: Path, review: Review): string {
  if (query.source === undefined) {
    if (sources.length !== 1) {
      const message =
        sources.length === 0 ? 'needs an entry in query_sources' : 'needs a source, because there are several';
      review.report(path, message);
    }
    return sources[0] ?? '';
  }
  if (!sources.includes(query.source)) {
    review.report([...path, 'source'], `names none of query_sources, got ${JSON.stringify(query.source)}`);
  }
  return query.source;
}
