import type { ExemplarStore } from '../../../exemplars/exemplar-store.js';
import { type Labels, labelsJson, METRIC_NAME } from '../../../model/labels/labels.js';
import type { Matcher } from '../../../model/labels/matcher.js';
import { histogramOf } from '../../../model/settings/histogram-quantities.js';
import type { ExemplarJson } from '../json/explanation.js';

/** The newest are shown: a reader opens two or three. */
const MAX_SHOWN = 10;

/**
 * The exemplars of a series in [startMs, endMs), newest first: its own, or those of what it is derived from: the native histogram
 * `m` of `m_p99`, the buckets `m_bucket` beside `m_count`.
 */
export function stepExemplars(
  store: Pick<ExemplarStore, 'select'>,
  labels: Labels,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): ExemplarJson[] {
  const others = labels.filter(({ name }) => name !== METRIC_NAME);
  const matchers = others.map(({ name, value }): Matcher => ({ name, type: '=', value }));
  return namesOf(labels.find(({ name }) => name === METRIC_NAME)?.value ?? '')
    .flatMap((name) => store.select([{ name: METRIC_NAME, type: '=', value: name }, ...matchers], startMs, endMs - 1))
    .flatMap(({ exemplars }) => exemplars)
    .sort((a, b) => b.timeMs - a.timeMs)
    .slice(0, MAX_SHOWN)
    .map((exemplar) => ({
      labels: labelsJson(exemplar.labels),
      value: Number.isFinite(exemplar.value) ? exemplar.value : null,
      time: exemplar.timeMs / 1000,
    }));
}

function namesOf(name: string): string[] {
  const family = histogramOf(name)?.family ?? (name.endsWith('_sum') ? name.slice(0, -'_sum'.length) : undefined);
  return family === undefined ? [name] : [name, family, `${family}_bucket`];
}
