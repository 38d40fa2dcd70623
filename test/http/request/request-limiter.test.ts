import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestLimiter } from '#src/http/request/request-limiter.js';

test('a sender over the limit is asked to retry later and later', () => {
  const cases: [attempt: string | undefined, random: number, seconds: number][] = [
    [undefined, 0.5, 6],
    ['0', 0.5, 6],
    ['1', 0.5, 6],
    ['-7', 0.5, 6],
    ['nonsense', 0.5, 6],
    ['1.5', 0.5, 6],
    ['2', 0.5, 12],
    ['3', 0.5, 24],
    ['4', 0.5, 48],
    ['5', 0.5, 96],
    ['6', 0.5, 96],
    ['1000000000', 0.5, 96],
    ['1', 0, 3],
    ['1', 0.999, 9],
    ['9', 0, 48],
    ['9', 0.999, 144],
  ];
  for (const [attempt, random, seconds] of cases) {
    const limiter = new RequestLimiter({ maxConcurrentRequests: 0, maxInflightBytes: 0, random: () => random });
    assert.throws(
      () => limiter.acquire(attempt === undefined ? {} : { 'retry-attempt': attempt }),
      { failure: 'unavailable', headers: { 'retry-after': String(seconds) }, message: new RegExp(`in ${seconds} s`) },
      `attempt ${attempt} with ${random}`,
    );
  }
});

test('requests and bytes are released', () => {
  const limiter = new RequestLimiter({ maxConcurrentRequests: 2, maxInflightBytes: 10, random: () => 0 });
  const first = limiter.acquire({});
  const second = limiter.acquire({});
  assert.throws(() => limiter.acquire({}), /2 requests are already in flight/);
  first.addBytes(6);
  second.addBytes(4);
  assert.throws(() => second.addBytes(1), /10 bytes of requests are already in flight/);
  first.release();
  second.addBytes(6);
  const third = limiter.acquire({});
  assert.throws(() => third.addBytes(1), /10 bytes/);
  second.release();
  third.addBytes(10);
});

test('a request for which there is no place waits for one, and those that wait longest come first', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const limiter = new RequestLimiter({ maxConcurrentRequests: 1, maxInflightBytes: 10, random: () => 0 });
  const first = await limiter.enter({});
  const second = limiter.enter({});
  const third = limiter.enter({});
  const order: string[] = [];
  const came = [second, third].map(async (place, i) => void ((await place) && order.push(['second', 'third'][i]!)));
  t.mock.timers.tick(999);
  first.release();
  assert.throws(() => limiter.acquire({}), /1 requests are already in flight/);
  (await second).release();
  await Promise.all(came);
  assert.deepEqual(order, ['second', 'third']);
});

test('a request that waits in vain is refused, and takes no place later', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const limiter = new RequestLimiter({ maxConcurrentRequests: 1, maxInflightBytes: 10, random: () => 0.5 });
  const first = await limiter.enter({});
  const second = limiter.enter({ 'retry-attempt': '2' });
  t.mock.timers.tick(1_000);
  await assert.rejects(Promise.resolve(second), /1 requests are already in flight, retry in 12 s/);
  first.release();
  limiter.acquire({}).release();
});
