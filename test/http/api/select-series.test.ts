import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineQueries } from '#src/engine/query/engine-queries.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { type SeriesQuery, selectSeries, seriesPredicate } from '#src/http/api/select-series.js';
import { RequestError } from '#src/http/request/failure.js';
import { ReadWork } from '#src/http/request/reads.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
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
    const isMeant = await seriesPredicate(query, work());
    assert.equal(isMeant({ labels: LABELS }, 'hosts'), matches);
    assert.equal(isMeant({ block: encodeLabelBlock(LABELS), decode: () => LABELS }, 'hosts'), matches);
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

test('a word that is asked for again and again is looked for once', async (t) => {
  const isMeant = await seriesPredicate({ search: 'load '.repeat(1_000) }, work());
  const includes = t.mock.method(String.prototype, 'includes');
  assert.equal(isMeant({ labels: LABELS }, 'hosts'), true);
  assert.equal(includes.mock.callCount(), 1);
});

test('of what is selected no labels are copied, and of a series that has gone since none are known', async () => {
  const series = new TrackedSeries(0);
  let isTracked = true;
  let asked = 0;
  const block = encodeLabelBlock(LABELS);
  const queries: Partial<EngineQueries> = {
    series: () => [series],
    isTracked: () => isTracked,
    status: () => ({ rule: 'hosts', state: 'learning', score: Number.NaN, alarm: undefined }),
    blockView: () => {
      asked++;
      return block;
    },
    labels: () => LABELS,
  };
  const [selected] = await selectSeries(queries as EngineQueries, {}, work());
  const before = asked;
  assert.equal(selected!.metric, 'node_load1');
  assert.deepEqual(selected!.labels, LABELS);
  assert.equal(asked, before + 1);
  isTracked = false;
  assert.equal(selected!.metric, '');
  assert.deepEqual(selected!.labels, []);
});
