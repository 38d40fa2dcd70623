import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linksOf } from '#src/ui/detail/links.js';
import { forecastSeries } from '../forecast.js';

const series = forecastSeries({
  metric: { __name__: 'm', instance: 'a:9100', path: '"/"' },
  alarm: { kind: 'stuck', reason: '', since: 0 },
});
const range = { start: 1_000, end: 4_600 };

test('without addresses in the configuration there are no links', () =>
  assert.deepEqual(linksOf(series, {}, range), []));

test('links lead to the series where it is: the graph, the dashboard, a silence of its labels, the runbook', () => {
  const links = {
    prometheus_url: 'http://p:9090/',
    grafana_url: 'http://g',
    alertmanager_url: 'http://a/x',
    runbook_url: 'http://w/{metric}?kind={kind}',
  };
  const [prometheus, grafana, silence, runbook] = linksOf(series, links, range).map(({ href }) => new URL(href));
  assert.equal(prometheus!.origin + prometheus!.pathname, 'http://p:9090/graph');
  assert.equal(prometheus!.searchParams.get('g1.expr'), 'm_yhat{instance="a:9100", path="\\"/\\""}');
  assert.equal(prometheus!.searchParams.get('g1.range_input'), '3600s');
  assert.equal(grafana!.href, 'http://g/d/sentio-forecast?var-metric=m&var-instance=a%3A9100&from=1000000&to=4600000');
  assert.equal(
    decodeURIComponent(silence!.href),
    'http://a/x/#/silences/new?filter={instance="a:9100", path="\\"/\\""}',
  );
  assert.equal(runbook!.href, 'http://w/m?kind=stuck');
});
