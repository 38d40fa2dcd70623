import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormerCurves } from '#src/engine/series/former-curves.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { restoreSnapshot, saveSnapshot } from '#src/engine/snapshot/engine-snapshot.js';
import type { SeriesStoreOptions } from '#src/series/series-store.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { makeStore, onlyId, othersSend, send, T0 } from '../../series/fixture.js';
import { bytesOf, readerOf } from '../../series/snapshot/snapshot-bytes.js';

const UNTIL = { '': T0 + 3 * HOUR, _rate: T0 + HOUR };
const SETTINGS = { historyMs: 14 * DAY, resolutionMs: HOUR };

/** Why a series of a snapshot is left out, by the store of the process after it and its clock. */
const REASONS: readonly (readonly [string, Partial<SeriesStoreOptions>, number])[] = [
  ['future', {}, T0 - 6 * HOUR],
  ['gap', {}, T0 + 15 * DAY],
  ['untracked', { chooseRule: () => undefined }, T0],
  ['untracked', { maxLabels: 1 }, T0],
  ['limit', { maxSeries: 0 }, T0],
];

for (const [reason, options, nowMs] of REASONS) {
  test(`up to where a curve was written is known of a series that is left out: ${reason}, ${JSON.stringify(options)}`, async () => {
    const store = makeStore({}, SETTINGS);
    store.setMetricType('load', 'gauge');
    send(store, { __name__: 'load', job: 'a' }, T0, 1);
    const id = onlyId(store);
    const series = new TrackedSeries(id);
    series.futureUntilMs = UNTIL;
    const former = new FormerCurves();
    const next = makeStore(options, SETTINGS);
    const { excluded } = await restoreSnapshot(
      next,
      readerOf(bytesOf(saveSnapshot(store, [series], T0))),
      nowMs,
      former,
    );
    assert.deepEqual(excluded, { [reason]: 1 });
    assert.deepEqual(former.of(store.block(id)), UNTIL);
  });
}

test('the same of a series that has been silent for so long that it is removed at once', async () => {
  const store = makeStore({}, SETTINGS);
  send(store, { __name__: 'silent', job: 'a' }, T0, 1);
  const id = onlyId(store);
  const silent = new TrackedSeries(id);
  silent.futureUntilMs = UNTIL;
  othersSend(store, T0, T0 + 50 * MINUTE);
  send(store, { __name__: 'other', job: 'a' }, T0 + 50 * MINUTE, 1);
  const snapshot = bytesOf(saveSnapshot(store, [silent], T0 + 50 * MINUTE));
  const former = new FormerCurves();
  const next = makeStore({ seriesIdleTimeoutMs: 10 * MINUTE }, SETTINGS);
  const { excluded } = await restoreSnapshot(next, readerOf(snapshot), T0 + 50 * MINUTE, former);
  assert.deepEqual(excluded, { idle: 1 });
  assert.deepEqual(former.of(store.block(id)), UNTIL);
});
