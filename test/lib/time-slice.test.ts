import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoopShare, TimeSlice } from '#src/lib/time-slice.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('of the work of one share, one piece goes on in each turn of the event loop, the first to wait first', async () => {
  const share = new LoopShare();
  const went: number[] = [];
  const all = Promise.all([1, 2, 3].map((i) => share.wait().then(() => went.push(i))));
  const perTurn: number[] = [];
  while (went.length < 3) {
    await turn();
    perTurn.push(went.length);
  }
  await all;
  assert.deepEqual(went, [1, 2, 3]);
  assert.deepEqual([...new Set(perTurn)], [1, 2, 3], 'never two in one turn');
});

test('a share that ran out of work takes more', async () => {
  const share = new LoopShare();
  await share.wait();
  await share.wait();
});

test('work whose immediate is cleared, as when a simulated process is killed, keeps no other waiting', async (t) => {
  const share = new LoopShare();
  const real = setImmediate;
  let armed: NodeJS.Immediate | undefined;
  const mock = t.mock.method(globalThis, 'setImmediate', (run: () => void) => {
    armed = real(run);
    return armed;
  });
  let went = 0;
  for (let i = 0; i < 2; i++) void share.wait().then(() => went++);
  clearImmediate(armed);
  mock.mock.restore();
  assert.ok(!new TimeSlice(share).isOver, 'new work has a slice');
  await share.wait();
  await share.wait();
  assert.equal(went, 0);
});

test('work that begins while a slice of its share is used up waits, and later work has a slice of its own', async () => {
  const share = new LoopShare();
  const first = new TimeSlice(share);
  while (!first.isOver);
  const second = new TimeSlice(share);
  assert.ok(second.isOver, 'begun at once');
  assert.ok(!new TimeSlice(new LoopShare()).isOver, 'of another share');
  const waiting = second.pause();
  while (performance.now() < share.endMs + 100);
  assert.ok(new TimeSlice(share).isOver, 'while others wait');
  await waiting;
  assert.ok(!new TimeSlice(share).isOver, 'when none does any more');
});
