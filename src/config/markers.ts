import { parseSelector } from '../model/labels/selector.js';
import type { MarkerSettings } from '../model/settings/marker.js';
import type { Path } from './document/problems.js';
import type { Review } from './document/review.js';
import { selectsOnlyOwnOutput } from './rules/own-output.js';
import { MARKER_BY, MARKER_DEFAULTS } from './schema/defaults.js';
import type { MarkerFile } from './schema/schema.js';

/** An entry of `markers` with every key that applies to it filled in; without `by` each series is looked at by itself. */
export type EffectiveMarker = ReturnType<typeof fillMarker>;

export function fillMarker({ name, match, labels = MARKER_DEFAULTS.labels, by }: MarkerFile) {
  const filled = by ?? (labels.length === 0 ? undefined : MARKER_BY.filter((label) => !labels.includes(label)));
  return { name, match, labels, ...(filled !== undefined && { by: filled }) };
}

/** A marker as the rest of Sentio takes it; what is wrong with it is reported. `path` is its place in the file. */
export function resolveMarker(
  { name, match, labels, by }: EffectiveMarker,
  path: Path,
  review: Review,
): MarkerSettings {
  const selectors = match.map((text) => parseSelector(text));
  for (const [i, selector] of selectors.entries()) {
    const report = (message: string) => review.report([...path, 'match', i], message);
    if (selectsOnlyOwnOutput(selector)) {
      report(`matches only series that Sentio publishes, got ${JSON.stringify(match[i])}`);
    }
    const fixed = selector.find((matcher) => matcher.type === '=' && labels.includes(matcher.name));
    if (fixed !== undefined) report(`matches one value of label ${fixed.name} alone: it would never change`);
  }
  for (const [i, label] of (by ?? []).entries()) {
    if (labels.includes(label)) review.report([...path, 'by', i], `is one of labels too: ${label}`);
  }
  return { name, selectors, labels, ...(by !== undefined && { by }) };
}
