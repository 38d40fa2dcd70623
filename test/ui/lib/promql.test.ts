import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { formatLabels, makeLabels } from '#src/model/labels/labels.js';
import { parseSelector } from '#src/model/labels/selector.js';
import {
  futureQueries,
  publishedQueries,
  remoteReadConfig,
  remoteWriteConfig,
  seriesText,
  valueSelector,
} from '#src/ui/lib/promql.js';
import { forecastSeries } from '../forecast.js';

const metrics: readonly Readonly<Record<string, string>>[] = [
  { __name__: 'up' },
  { __name__: 'up', instance: 'a:9100', job: 'node' },
  { __name__: 'path', file: 'C:\\temp\n"x"' },
  { __name__: 'disk.used', 'host.name': 'ä' },
  { job: 'nameless' },
];
for (const metric of metrics) {
  test(`${JSON.stringify(metric)} is written as the server writes it`, () => {
    assert.equal(seriesText(metric), formatLabels(makeLabels(metric)));
  });
}

test('every query selects a series of Sentio, by all the labels of its source', () => {
  const given = forecastSeries({ metric: { __name__: 'm', job: 'j' }, horizons: ['1h'] });
  const written = [...publishedQueries(given), ...futureQueries(given)].map(({ title, text }) => `${title}: ${text}`);
  assert.deepEqual(written, [
    'Observed: m{job="j"}',
    'Expected: m_yhat{job="j"}',
    'Interval: m_yhat_lower{job="j"}\nm_yhat_upper{job="j"}',
    'Off by: m{job="j"} - m_yhat{job="j"}',
    'Outside the interval: m{job="j"} > m_yhat_upper{job="j"}\n  or m{job="j"} < m_yhat_lower{job="j"}',
    'In alarm: m_anomaly_score{job="j"} > 1',
    'Expected in 1h: m_yhat{job="j", horizon="1h"}',
    'Expected: m_yhat{job="j", sentio="forecast"}',
    'Interval: m_yhat_lower{job="j", sentio="forecast"}\nm_yhat_upper{job="j", sentio="forecast"}',
  ]);
  for (const { text } of futureQueries(given)) for (const line of text.split('\n')) parseSelector(line);
});

test('what is to be pasted into prometheus.yml is YAML that says where Sentio is', () => {
  assert.equal(parse(remoteWriteConfig('http://sentio:9201/')).remote_write[0].url, 'http://sentio:9201/api/v1/write');
  assert.deepEqual(parse(remoteReadConfig('http://sentio:9201/x/')).remote_read[0], {
    url: 'http://sentio:9201/x/api/v1/read',
    read_recent: true,
    required_matchers: { sentio: 'forecast' },
  });
});

test('a value of a label, or a name, selects the series that have it', () => {
  assert.equal(valueSelector('job', 'a "b"'), '{job="a \\"b\\""}');
  assert.equal(valueSelector('__name__', 'up'), '{__name__="up"}');
  for (const text of [valueSelector('k8s.pod', 'x'), valueSelector('__name__', 'a.b')]) parseSelector(text);
});
