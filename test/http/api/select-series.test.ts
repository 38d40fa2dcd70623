import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesStatus } from '#src/engine/query/series-report.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { type SelectedSeries, type SeriesQuery, seriesPredicate, sortSeries } from '#src/http/api/select-series.js';
import { RequestError } from '#src/http/request/failure.js';
import { makeLabels } from '#src/model/labels.js';

const LABELS = makeLabels({ __name__: 'node_load1', instance: 'Web-1:9100', job: 'node' });

const queries: readonly (readonly [query: SeriesQuery, matches: boolean])[] = [
  [{}, true],
  [{ search: '' }, true],
  [{ search: 'load' }, true],
  [{ search: '  LOAD web-1 ' }, true],
  [{ search: 'load web-2' }, false],
  [{ search: 'job="node"' }, true],
  [{ rule: 'hosts' }, true],
  [{ rule: 'host' }, false],
  [{ 'match[]': 'node_load1' }, true],
  [{ 'match[]': '{instance=~"Web.*"}' }, true],
  [{ 'match[]': ['up', '{job="node"}'] }, true],
  [{ 'match[]': 'up' }, false],
  [{ 'match[]': 'node_load1', rule: 'hosts', search: 'web' }, true],
  [{ 'match[]': 'node_load1', rule: 'hosts', search: 'db' }, false],
  [{ 'match[]': 'node_load1{instance="Web-1:9100"}', exact: 'true' }, false],
  [{ 'match[]': 'node_load1{instance="Web-1:9100",job=~".+"}', exact: 'true' }, true],
  [{ 'match[]': ['node_load1', '{__name__="up",instance="Web-1:9100",job="node"}'], exact: 'true' }, false],
];
for (const [query, matches] of queries) {
  test(`${JSON.stringify(query)} ${matches ? 'selects' : 'leaves out'} node_load1 of the rule hosts`, () => {
    assert.equal(seriesPredicate(query)(LABELS, 'hosts'), matches);
  });
}

test('a selector that is none is refused with the reason', () => {
  assert.throws(
    () => seriesPredicate({ 'match[]': '{job=' }),
    (error) => error instanceof RequestError && error.failure === 'badData' && /match\[\]/.test(error.message),
  );
});

function selected(name: string, state: SeriesStatus['state'], score: number): SelectedSeries {
  return {
    series: new TrackedSeries(0),
    status: { rule: 'r', state, score },
    labels: makeLabels({ __name__: name }),
  };
}

function sorted(order: 'score' | 'outside'): string[] {
  const series = [
    selected('ended', 'ended', 50),
    selected('d', 'forecasting', 0.9),
    selected('learning', 'learning', Number.NaN),
    selected('b', 'forecasting', 1.5),
    selected('c', 'forecasting', 0.1),
    selected('a', 'forecasting', 0.5),
    selected('e', 'forecasting', 7),
  ];
  sortSeries(series, order);
  return series.map(({ labels }) => labels[0]!.value);
}

test('by score: highest first, then those without one', () => {
  assert.deepEqual(sorted('score').slice(0, 5), ['e', 'b', 'd', 'a', 'c']);
  assert.deepEqual(sorted('score').slice(5).sort(), ['ended', 'learning']);
});

test('by what is outside: highest score first, then by name, then learning, then ended', () => {
  assert.deepEqual(sorted('outside'), ['e', 'b', 'a', 'c', 'd', 'learning', 'ended']);
});
