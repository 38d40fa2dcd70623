import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceivingTime } from '#src/series/receiving-time.js';

const CASES: readonly { readonly name: string; readonly requests: readonly number[]; readonly want: number }[] = [
  { name: 'begins with the first request', requests: [1000], want: 0 },
  { name: 'passes from request to request', requests: [1000, 1005, 1015], want: 15 },
  { name: 'stands still while nothing comes', requests: [1000, 9000, 9005], want: 25 },
  { name: 'is not set back with the clock', requests: [1000, 1005, 500, 505], want: 10 },
];

for (const { name, requests, want } of CASES) {
  test(`the time of receiving ${name}`, () => {
    const time = new ReceivingTime(20);
    for (const nowMs of requests) time.requestAt(nowMs);
    assert.equal(time.elapsedMs, want);
  });
}

test('the time of receiving goes on from where it was before a restart', () => {
  const time = new ReceivingTime(20);
  for (const elapsedMs of [300, 700, 500]) time.resumeFrom(elapsedMs);
  time.requestAt(5000);
  assert.equal(time.elapsedMs, 700);
  time.requestAt(5010);
  assert.equal(time.elapsedMs, 710);
});
