import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventSentence, eventsAround } from '#src/http/api/explain/nearby-events.js';
import type { MarkerEvent } from '#src/markers/marker-event.js';
import { MarkerStore } from '#src/markers/marker-store.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../../fixtures.js';

const FROM = 20_000 * DAY;
const M = makeLabels({ __name__: 'm', job: 'x' });

/** A store of releases of the job x at these times, and of another a minute before. */
function released(...timesMs: number[]): MarkerStore {
  const store = new MarkerStore([{ name: 'deploy', selectors: [parseSelector('release')], labels: [] }]);
  const send = (job: string, timeMs: number, value: number) =>
    store.append(store.find(makeLabels({ __name__: 'release', job }), ''), timeMs, value);
  send('x', FROM - DAY, 0);
  send('y', FROM - DAY, 0);
  send('y', FROM - MINUTE, 1);
  for (const [i, timeMs] of timesMs.entries()) send('x', timeMs, i + 1);
  return store;
}

test('the five events closest to the start of a span are found, the closest first', () => {
  const store = released(...[-31, -29, -20, -10, -3, -2, 1, 4, 6].map((minutes) => FROM + minutes * MINUTE));
  const found = eventsAround(store, M, { fromMs: FROM, toMs: FROM + 5 * MINUTE });
  assert.deepEqual(
    found.map(({ timeMs }) => (timeMs - FROM) / MINUTE),
    [1, -2, -3, 4, -10],
  );
});

const event: MarkerEvent = {
  marker: 'deploy',
  metric: 'build_info',
  timeMs: FROM,
  labels: [],
  changes: [{ label: 'version', from: '1.2', to: '1.3' }],
};
const CHANGED = 'build_info{version} changed from 1.2 to 1.3 (deploy).';
for (const [sinceMs, isAlarm, sentence] of [
  [2 * MINUTE, true, `The alarm began 2m after ${CHANGED}`],
  [40 * SECOND, true, `The alarm began 40s after ${CHANGED}`],
  [17 * MINUTE + 20 * SECOND, true, `The alarm began 17m after ${CHANGED}`],
  [0, true, `The alarm began as ${CHANGED}`],
  [-15 * SECOND, true, `The alarm began 15s before ${CHANGED}`],
  [HOUR, false, `It began 1h after ${CHANGED}`],
] as const) {
  test(`eventSentence() says "${sentence}"`, () => {
    assert.deepEqual(eventSentence([event], FROM + sinceMs, isAlarm), [sentence]);
  });
}

test('eventSentence() says nothing where nothing happened', () => {
  assert.deepEqual(eventSentence([], FROM, true), []);
});
