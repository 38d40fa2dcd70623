import type { SeriesJson } from '../../http/api/json/series.js';

/** The labels that all of several series have with the same value: they tell nothing apart. None of a single series. */
export function sharedLabels(series: readonly Pick<SeriesJson, 'metric'>[]): ReadonlySet<string> {
  const [first, ...others] = series;
  if (first === undefined || others.length === 0) return new Set();
  return new Set(
    Object.entries(first.metric)
      .filter(([name, value]) => name !== '__name__' && others.every(({ metric }) => metric[name] === value))
      .map(([name]) => name),
  );
}
