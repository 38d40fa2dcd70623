import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '#src/http/write/turns.js';

/** Holds the event loop. */
function work(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test('turns are taken in order, and others are let in between', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const all = Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      turns.take(() => {
        work(5);
        order.push(`turn ${i}`);
        return i;
      }),
    ),
  );
  setImmediate(() => order.push('other'));
  assert.deepEqual(
    await all,
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.ok(order.indexOf('other') < order.indexOf('turn 19'), order.join());
  const own = order.filter((name) => name !== 'other');
  assert.deepEqual(
    own,
    own.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5))),
  );
});

test('others are let in between pieces of work that come one by one in a turn of the event loop', async () => {
  const turns = new Turns();
  let taken = 0;
  let takenBefore: number | undefined;
  setImmediate(() => {
    takenBefore = taken;
  });
  // As bodies of many connections: each is done before the next comes.
  const all: Promise<void>[] = [];
  for (let i = 0; i < 20; i++) {
    all.push(
      turns.take(() => {
        work(5);
        taken++;
      }),
    );
    for (let microtask = 0; microtask < 10; microtask++) await undefined;
  }
  await Promise.all(all);
  assert.ok(takenBefore! < 20, `${takenBefore} of 20`);
});

test('what a turn throws is its own', async () => {
  const turns = new Turns();
  const failed = turns.take(() => {
    throw new Error('no');
  });
  const next = turns.take(() => 'yes');
  await assert.rejects(failed, /no/);
  assert.equal(await next, 'yes');
});

test('a queue says how long its next one waits', async () => {
  const turns = new Turns();
  assert.equal(turns.waitMs, 0);
  let waited = 0;
  const others: Promise<void>[] = [];
  await turns.take(() => {
    for (let i = 0; i < 2; i++) others.push(turns.take(() => {}));
    work(30);
    waited = turns.waitMs;
  });
  assert.ok(waited >= 30, `${waited} ms`);
  await Promise.all(others);
  assert.equal(turns.waitMs, 0);
});
