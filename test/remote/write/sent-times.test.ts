import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SentTimes } from '#src/remote/write/sent-times.js';
import { HOUR, MINUTE } from '../../fixtures.js';

function sentEveryMinute(...runs: readonly (readonly [fromMs: number, toMs: number])[]): SentTimes {
  const sent = new SentTimes();
  for (const [fromMs, toMs] of runs) for (let ms = fromMs; ms <= toMs; ms += MINUTE) sent.add(ms);
  return sent;
}

test('a clock that was set back by hours repeats until it is past what was sent', () => {
  const sent = sentEveryMinute([HOUR, 5 * HOUR]);
  assert.equal(sent.repeatedUntilMs(5 * HOUR + MINUTE), undefined);
  const until = (ms: number) => sent.repeatedUntilMs(ms);
  assert.deepEqual([3 * HOUR, 4 * HOUR, 5 * HOUR - MINUTE, 5 * HOUR].map(until), Array(4).fill(5 * HOUR));
  assert.equal(until(5 * HOUR + 1), undefined);
});

test('one that was set back by minutes is waited for elsewhere, and repeats nothing', () => {
  const sent = sentEveryMinute([HOUR, 5 * HOUR]);
  assert.equal(sent.repeatedUntilMs(5 * HOUR - 9 * MINUTE), undefined);
});

test('one that was ahead and is right now repeats nothing, until it comes to where it was ahead', () => {
  const sent = sentEveryMinute([HOUR, 2 * HOUR], [8 * HOUR, 9 * HOUR]);
  assert.equal(sent.repeatedUntilMs(2 * HOUR + MINUTE), undefined);
  for (let ms = 2 * HOUR; ms < 8 * HOUR; ms += MINUTE) {
    assert.equal(sent.repeatedUntilMs(ms), undefined);
    sent.add(ms);
  }
  assert.equal(sent.repeatedUntilMs(8 * HOUR), 9 * HOUR);
  assert.equal(sent.repeatedUntilMs(9 * HOUR + MINUTE), undefined);
});

test('one that was ahead from the start on goes on before that', () => {
  const sent = sentEveryMinute([8 * HOUR, 9 * HOUR]);
  assert.equal(sent.repeatedUntilMs(3 * HOUR), undefined);
  sent.add(3 * HOUR);
  assert.equal(sent.repeatedUntilMs(3 * HOUR + MINUTE), undefined);
});

test('set back further while it repeats, it repeats only what was sent', () => {
  const sent = sentEveryMinute([4 * HOUR, 5 * HOUR]);
  assert.equal(sent.repeatedUntilMs(4.5 * HOUR), 5 * HOUR);
  assert.equal(sent.repeatedUntilMs(2 * HOUR), undefined);
});

test('of many runs the newest are kept', () => {
  const sent = new SentTimes();
  for (let hour = 0; hour < 1000; hour++) for (const ms of [0, 9, 18]) sent.add(hour * HOUR + ms * MINUTE);
  assert.equal(sent.repeatedUntilMs(500 * HOUR), undefined);
  assert.equal(sent.repeatedUntilMs(998 * HOUR), 998 * HOUR + 18 * MINUTE);
});
