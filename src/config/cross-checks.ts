import { formatDuration, parseDuration } from '../lib/durations.js';
import { parseSelector } from '../model/labels/selector.js';
import type { Config } from './config.js';
import type { Path } from './document/problems.js';
import type { Review } from './document/review.js';
import { twins } from './document/twins.js';
import type { EffectiveMarker } from './markers.js';
import type { Entry, Parts } from './parts.js';
import { figuresOfSeries } from './rules/figures.js';
import { SelectorCover } from './rules/selector-cover.js';

/** Reports contradictions between entries and sections that are valid one by one. */
export function crossCheck(
  { targets, sources, querySources, calendars, queries, rules: fileRules, markers }: Parts,
  config: Omit<Config, 'effective'>,
  review: Review,
): void {
  // In the order of `config.rules`.
  const rules: readonly Entry<{ name: string }>[] = [...queries, ...fileRules];
  for (const list of [targets, sources, querySources, calendars, rules, markers]) refuseTwins(list, review);

  refuseUnequalFutures(targets, review);

  const cover = new SelectorCover(config.rules);
  for (const [i, { selectors, query }] of config.rules.entries()) {
    // One of a query has the place of its name.
    if (query !== undefined) continue;
    for (const [j, selector] of selectors.entries()) {
      const first = cover.firstBefore(i, selector);
      if (first === undefined) continue;
      review.report(
        [...rules[i]!.path, 'match', j],
        `never matches because the earlier rule ${first.name} selects all of these series`,
      );
    }
  }

  const { externalLabels } = config.receiver;
  for (const { filled, path } of [...queries, ...fileRules]) {
    for (const { key, figure } of figuresOfSeries(filled)) {
      const stripped = figure.on?.find((name) => externalLabels.includes(name));
      if (stripped === undefined) continue;
      const place = review.firstPresent([
        [...path, ...key],
        ['defaults', ...key],
      ]);
      review.report(place, `matches on label ${stripped}, which receiver.external_labels removes`);
    }
  }
  for (const [i, { name, selectors, settings }] of config.rules.entries()) {
    if (settings.stepMs > config.engine.seriesIdleTimeoutMs) {
      review.report(
        ['engine', 'series_idle_timeout'],
        `is shorter than the step of rule ${name}, ${formatDuration(settings.stepMs)}: its series would be removed between samples`,
      );
    }
    for (const [j, selector] of selectors.entries()) {
      const stripped = selector.find((matcher) => externalLabels.includes(matcher.name))?.name;
      if (stripped === undefined) continue;
      review.report(
        [...rules[i]!.path, 'match', j],
        `matches on label ${stripped}, which receiver.external_labels removes`,
      );
    }
  }
  for (const { filled, path } of markers) refuseRemovedLabels(filled, path, externalLabels, review);
}

/** A series has none of these labels any more when markers look at it. */
function refuseRemovedLabels(
  { match, labels }: EffectiveMarker,
  path: Path,
  externalLabels: readonly string[],
  review: Review,
): void {
  for (const [i, text] of match.entries()) {
    const removed = parseSelector(text).find(({ name }) => externalLabels.includes(name))?.name;
    if (removed === undefined) continue;
    review.report([...path, 'match', i], `matches on label ${removed}, which receiver.external_labels removes`);
  }
  for (const [i, name] of labels.entries()) {
    if (!externalLabels.includes(name)) continue;
    review.report([...path, 'labels', i], `is label ${name}, which receiver.external_labels removes`);
  }
}

/** What was written of a series is known for all targets together. */
function refuseUnequalFutures(targets: Parts['targets'], review: Review): void {
  const withFuture = targets.filter(({ filled }) => parseDuration(filled.future) > 0);
  const [first, ...others] = withFuture;
  for (const { filled, path } of others) {
    if (parseDuration(filled.future) === parseDuration(first!.filled.future)) continue;
    review.report(
      [...path, 'future'],
      `must be ${first!.filled.future}, as that of target ${first!.filled.name}: the same curve is written to all`,
    );
  }
}

function refuseTwins(list: readonly Entry<{ name: string }>[], review: Review): void {
  for (const i of twins(list, ({ filled }) => filled.name)) {
    const { filled, path } = list[i]!;
    review.report([...path, 'name'], `duplicate name ${JSON.stringify(filled.name)}: names must be unique`);
  }
}
