import type { ForecastSeriesJson } from '../../http/api/json/forecast.js';
import type { PageJson } from '../../http/api/json/page.js';
import type { TimeRange } from '../chart/chart.js';
import { seriesText } from '../lib/promql.js';

/** A page of another program that is about a series. */
export interface Link {
  readonly title: string;
  readonly href: string;
}

/** Where else a series can be looked at, as far as the configuration says where that is. */
export function linksOf(
  { metric, names, alarm }: Pick<ForecastSeriesJson, 'metric' | 'names' | 'alarm'>,
  { prometheus_url, grafana_url, alertmanager_url, runbook_url }: PageJson['links'],
  { start, end }: TimeRange,
): Link[] {
  const links: Link[] = [];
  if (prometheus_url !== undefined) {
    const expressions = [names.observed, names.yhat, names.yhat_lower, names.yhat_upper];
    const params = new URLSearchParams();
    expressions.forEach((name, i) => {
      params.set(`g${i}.expr`, seriesText({ ...metric, __name__: name }));
      params.set(`g${i}.tab`, '0');
      params.set(`g${i}.range_input`, `${Math.max(60, Math.round(end - start))}s`);
      params.set(`g${i}.end_input`, new Date(end * 1000).toISOString().slice(0, 19).replace('T', ' '));
    });
    links.push({ title: 'Prometheus', href: `${base(prometheus_url)}/graph?${params}` });
  }
  if (grafana_url !== undefined) {
    const params = new URLSearchParams({ 'var-metric': names.yhat.replace(/_yhat$/, '') });
    for (const label of ['instance', 'service', 'namespace', 'pod']) {
      if (metric[label] !== undefined) params.set(`var-${label}`, metric[label]);
    }
    params.set('from', String(Math.round(start * 1000)));
    params.set('to', String(Math.round(end * 1000)));
    links.push({ title: 'Grafana', href: `${base(grafana_url)}/d/sentio-forecast?${params}` });
  }
  if (alertmanager_url !== undefined) {
    const matchers = Object.entries(metric).filter(([name]) => name !== '__name__');
    const filter = `{${matchers.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
    links.push({
      title: 'Silence',
      href: `${base(alertmanager_url)}/#/silences/new?filter=${encodeURIComponent(filter)}`,
    });
  }
  if (runbook_url !== undefined) {
    const values: Readonly<Record<string, string>> = { metric: metric.__name__ ?? '', kind: alarm?.kind ?? '' };
    const href = runbook_url.replace(/\{(metric|kind)\}/g, (_, name: string) => encodeURIComponent(values[name]!));
    links.push({ title: 'Runbook', href });
  }
  return links;
}

function base(url: string): string {
  return url.replace(/\/+$/, '');
}
