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

test('work that begins in one turn of the event loop shares a slice, and work of the next has another', async () => {
  const share = new LoopShare();
  const first = new TimeSlice(share);
  while (!first.isOver);
  assert.ok(new TimeSlice(share).isOver, 'of the same turn');
  assert.ok(!new TimeSlice(new LoopShare()).isOver, 'of another share');
  await turn();
  assert.ok(share.endMs > performance.now(), 'of the next turn');
});
