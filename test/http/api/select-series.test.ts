import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesStatus } from '#src/engine/query/series-report.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { type SelectedSeries, type SeriesQuery, seriesPredicate, sortSeries } from '#src/http/api/select-series.js';
import { RequestError } from '#src/http/request/failure.js';
import { ReadWork } from '#src/http/request/reads.js';
import { makeLabels } from '#src/model/labels/labels.js';

const LABELS = makeLabels({ __name__: 'node_load1', instance: 'Web-1:9100', job: 'node' });

const work = () => new ReadWork(() => false);

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
  test(`${JSON.stringify(query)} ${matches ? 'selects' : 'leaves out'} node_load1 of the rule hosts`, async () => {
    assert.equal((await seriesPredicate(query, work()))(LABELS, 'hosts'), matches);
  });
}

test('a selector that is none is refused with the reason', async () => {
  await assert.rejects(
    seriesPredicate({ 'match[]': '{job=' }, work()),
    (error) => error instanceof RequestError && error.failure === 'badData' && /match\[\]/.test(error.message),
  );
});

const expression = (i: number) => `l${i}=~"[a-z]+x"`;
const costly: readonly (readonly [what: string, query: SeriesQuery, message: RegExp])[] = [
  [
    'seventeen expressions in one selector',
    { 'match[]': `{${Array.from({ length: 17 }, (_, i) => expression(i)).join(',')}}` },
    /more than 16 expressions at character/,
  ],
  ['an expression of many instructions', { 'match[]': '{a=~"(b.*c.......){0,150}"}' }, /the expression is too large/],
  ['an expression that takes long to compile', { 'match[]': `{a=~"${'(b|c)'.repeat(9)}{0,60}"}` }, /too large/],
  ['sixty-five selectors', { 'match[]': Array.from({ length: 65 }, () => 'up') }, /65 match\[\] .* at most 64/],
];
for (const [what, query, message] of costly) {
  test(`${what} of a request is refused`, async () => {
    await assert.rejects(
      seriesPredicate(query, work()),
      (error) => error instanceof RequestError && error.failure === 'badData' && message.test(error.message),
    );
  });
}

test('sixteen expressions and any number of equalities in one selector are let in', async () => {
  const matchers = Array.from({ length: 16 }, (_, i) => expression(i));
  const equalities = Array.from({ length: 100 }, (_, i) => `e${i}="x"`);
  await assert.doesNotReject(seriesPredicate({ 'match[]': `{${[...equalities, ...matchers].join(',')}}` }, work()));
});

function selected(name: string, state: SeriesStatus['state'], score: number): SelectedSeries {
  const alarm = state === 'forecasting' && score > 1 ? ({ kind: 'value', sinceMs: 0 } as const) : undefined;
  return {
    series: new TrackedSeries(0),
    status: { rule: 'r', state, score, alarm },
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

test('alarms first: highest score first, then by name, then learning, then ended', () => {
  assert.deepEqual(sorted('outside'), ['e', 'b', 'a', 'c', 'd', 'learning', 'ended']);
});
