import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import type { EngineQueries } from '#src/engine/query/engine-queries.js';
import type { MarkersAnswer } from '#src/http/api/json/markers.js';
import { markersRoute } from '#src/http/api/markers-route.js';
import { Reads } from '#src/http/request/reads.js';
import { MarkerStore } from '#src/markers/marker-store.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { DAY, HOUR } from '../../fixtures.js';
import { makeAccess } from '../access-fixture.js';
import { makeServer } from '../server-fixture.js';

const NOW = 20_000 * DAY;

/** A release of each of three jobs, an hour apart, the last one an hour ago; and one of two days ago. */
function makeMarkers(): MarkerStore {
  const store = new MarkerStore([{ name: 'release', selectors: [parseSelector('release')], labels: [] }]);
  for (const [job, agoMs] of [
    ['old', 48 * HOUR],
    ['cart', 3 * HOUR],
    ['checkout', 2 * HOUR],
    ['login', HOUR],
  ] as const) {
    const ref = store.find(makeLabels({ __name__: 'release', job }), '');
    store.append(ref, NOW - agoMs - 1000, 1);
    store.append(ref, NOW - agoMs, 2);
  }
  return store;
}

function ask(t: TestContext, query: string) {
  const { app } = makeServer(t);
  const tracked = ['cart', 'checkout'].map((job) => makeLabels({ __name__: 'latency', job, path: '/' }));
  const queries = {
    markers: makeMarkers(),
    series: () => tracked,
    isTracked: () => true,
    labels: (series: (typeof tracked)[number]) => series,
    blockView: (series: (typeof tracked)[number]) => encodeLabelBlock(series),
    rule: () => ({ name: 'all' }),
  } as unknown as EngineQueries;
  app.register(markersRoute, { queries, access: makeAccess(), reads: new Reads(new Registry()), now: () => NOW });
  return app.inject(`/api/v1/markers${query}`);
}

test('GET /api/v1/markers says what happened within the last day, newest first', async (t) => {
  const { data, total }: MarkersAnswer = (await ask(t, '')).json();
  assert.equal(total, 3);
  assert.deepEqual(
    data.map(({ labels }) => labels.job),
    ['login', 'checkout', 'cart'],
  );
  assert.deepEqual(data[0], {
    marker: 'release',
    metric: 'release',
    time: (NOW - HOUR) / 1000,
    labels: { job: 'login' },
    changes: [{ label: null, from: '1', to: '2' }],
    text: 'release changed from 1 to 2',
  });
});

const filters: [query: string, jobs: string, total: number][] = [
  [`?start=0`, 'login checkout cart old', 4],
  [`?end=${NOW / 1000 - 5400}`, 'checkout cart', 2],
  ['?limit=1&offset=1', 'checkout', 3],
  ['?match[]={path="/"}', 'checkout cart', 2],
  ['?match[]=latency{job="cart",path="/"}&exact=true', 'cart', 1],
  ['?match[]=latency{job="cart"}&exact=true', '', 0],
  ['?match[]={job="login"}', '', 0],
  ['?search=CART', 'cart', 1],
  ['?rule=all', 'checkout cart', 2],
  ['?rule=other', '', 0],
];
for (const [query, jobs, total] of filters) {
  test(`GET /api/v1/markers${query} has ${total}`, async (t) => {
    const answer: MarkersAnswer = (await ask(t, query)).json();
    assert.deepEqual([answer.data.map(({ labels }) => labels.job).join(' '), answer.total], [jobs, total]);
  });
}

for (const query of ['?limit=0', '?limit=1001', '?offset=-1', '?start=2&end=1', '?start=x', '?match[]={']) {
  test(`GET /api/v1/markers${query} is refused`, async (t) => {
    assert.equal((await ask(t, query)).statusCode, 400);
  });
}
