import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginThrottle } from '#src/http/access/login-throttle.js';
import { RequestError } from '#src/http/request/failure.js';
import { quickThrottle } from '../access-fixture.js';

const wrong = async () => undefined;
const right = async () => 'in';

/** A throttle on a clock that is set by hand, and whose waits end when `release` is called. */
function heldThrottle() {
  let nowMs = 0;
  let held: (() => void)[] = [];
  const throttle = new LoginThrottle({
    now: () => nowMs,
    wait: () => new Promise<void>((resolve) => held.push(resolve)),
  });
  return {
    throttle,
    passTime: (ms: number) => {
      nowMs += ms;
    },
    release: () => {
      for (const resolve of held) resolve();
      held = [];
    },
    held: () => held.length,
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('LoginThrottle holds the answer to a wrong login back, longer each time, up to five seconds', async () => {
  const waits: number[] = [];
  const throttle = quickThrottle(waits);
  for (let i = 0; i < 9; i++) assert.equal(await throttle.guard('10.0.0.1', `guess ${i}`, wrong), undefined);
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
});

test('LoginThrottle refuses other logins of the address meanwhile without a look at them, and none of another', async () => {
  const { throttle, passTime, release, held } = heldThrottle();
  const first = throttle.guard('10.0.0.1', 'a', wrong);
  await settled();
  assert.equal(held(), 1);
  await assert.rejects(throttle.guard('10.0.0.1', 'b', right), (error) => {
    assert.ok(error instanceof RequestError);
    assert.deepEqual([error.failure, error.headers['retry-after']], ['unavailable', '1']);
    return true;
  });
  assert.equal(await throttle.guard('10.0.0.2', 'b', right), 'in');
  passTime(100);
  release();
  assert.equal(await first, undefined);
  assert.equal(await throttle.guard('10.0.0.1', 'b', right), 'in');
});

test('LoginThrottle lets a login through at once that was good for the address before', async () => {
  const { throttle } = heldThrottle();
  assert.equal(await throttle.guard('10.0.0.1', 'good', right), 'in');
  void throttle.guard('10.0.0.1', 'bad', wrong);
  await settled();
  assert.equal(await throttle.guard('10.0.0.1', 'good', right), 'in');
  await assert.rejects(throttle.guard('10.0.0.1', 'other', right), RequestError);
});

test('LoginThrottle does not take a login for good that is no longer', async () => {
  const { throttle, passTime, release } = heldThrottle();
  await throttle.guard('10.0.0.1', 'rotated', right);
  const refused = throttle.guard('10.0.0.1', 'rotated', wrong);
  await settled();
  passTime(100);
  release();
  await refused;
  void throttle.guard('10.0.0.1', 'guess', wrong);
  await settled();
  await assert.rejects(throttle.guard('10.0.0.1', 'rotated', right), RequestError);
});

test('LoginThrottle takes the same login shown at the same time for one attempt', async () => {
  const { throttle, release, held } = heldThrottle();
  let checks = 0;
  const check = async () => {
    checks++;
    return undefined;
  };
  const attempts = Array.from({ length: 20 }, () => throttle.guard('10.0.0.1', 'old password', check));
  await settled();
  assert.deepEqual([checks, held()], [1, 1], 'one of them is held back');
  assert.deepEqual(await Promise.all(attempts.slice(1)), new Array(19).fill(undefined));
  release();
  assert.equal(await attempts[0], undefined);
});

test('LoginThrottle bounds the logins of one address that are checked at one time', async () => {
  const { throttle } = heldThrottle();
  const never = () => new Promise<undefined>(() => {});
  for (let i = 0; i < 4; i++) void throttle.guard('10.0.0.1', `login ${i}`, never);
  await assert.rejects(throttle.guard('10.0.0.1', 'a fifth', right), RequestError);
});

test('LoginThrottle holds a bounded number of answers back, and has their addresses wait all the same', async () => {
  const { throttle, held } = heldThrottle();
  const attempts = Array.from({ length: 100 }, (_, i) => throttle.guard(`10.0.0.${i}`, 'guess', wrong));
  await settled();
  assert.equal(held(), 64);
  assert.equal(await attempts[99], undefined);
  await assert.rejects(throttle.guard('10.0.0.99', 'another', right), RequestError);
});

test('LoginThrottle forgets failures after ten minutes', async () => {
  const waits: number[] = [];
  const throttle = quickThrottle(waits);
  for (let i = 0; i < 6; i++) await throttle.guard('10.0.0.1', `guess ${i}`, wrong);
  let nowMs = 0;
  const later = new LoginThrottle({ now: () => nowMs, wait: async (ms) => waits.push(ms) });
  await later.guard('10.0.0.1', 'a', wrong);
  nowMs += 11 * 60_000;
  await later.guard('10.0.0.1', 'b', wrong);
  assert.deepEqual(waits.slice(-2), [100, 100]);
});
