import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Bisection } from '#src/remote/write/bisection.js';

type Say = 'accepted' | 'refused' | 'faulted';

/** Sends all parts to a target that answers as `say` does; returns what was lost, what got through and in how many attempts. */
function run(seriesCount: number, say: (part: readonly number[], nth: number) => Say, probe?: number) {
  const bisection = new Bisection(seriesCount, { probe });
  const lost: number[] = [];
  const taken: number[] = [];
  let attempts = 0;
  for (let part = bisection.current; part !== undefined; part = bisection.current) {
    attempts++;
    assert.ok(attempts < 20_000, 'it comes to an end');
    const answer = say(part, attempts);
    if (answer === 'accepted') {
      taken.push(...part);
      bisection.accepted();
    } else {
      lost.push(...bisection[answer]());
    }
  }
  const byNumber = (a: number, b: number) => a - b;
  return { lost: lost.sort(byNumber), taken: taken.sort(byNumber), attempts };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const sizeAndBad = fc.integer({ min: 2, max: 3000 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    bad: fc.uniqueArray(fc.nat(size - 1), { maxLength: 8 }).map((series) => series.sort((a, b) => a - b)),
  }),
);

test('Bisection loses just the series that are refused', () => {
  fc.assert(
    fc.property(sizeAndBad, ({ size, bad }) => {
      // Where every other one is bad, nothing may be accepted before it gives in.
      fc.pre(4 * bad.length <= size);
      const { lost, taken, attempts } = run(size, (part) =>
        bad.some((i) => part.includes(i)) ? 'refused' : 'accepted',
      );
      assert.deepEqual(lost, bad);
      assert.deepEqual(
        taken,
        range(size).filter((i) => !bad.includes(i)),
      );
      assert.ok(attempts <= 1 + 2 * bad.length * Math.ceil(Math.log2(size)), `${attempts} attempts`);
    }),
  );
});

test('Bisection loses just the series that the target fails on, and none for an outage', () => {
  fc.assert(
    fc.property(sizeAndBad, fc.nat(150), ({ size, bad }, outage) => {
      fc.pre(bad.length < size);
      const { lost, taken } = run(size, (part, nth) =>
        nth <= outage || bad.some((i) => part.includes(i)) ? 'faulted' : 'accepted',
      );
      assert.deepEqual(lost, bad);
      assert.deepEqual(
        taken,
        range(size).filter((i) => !bad.includes(i)),
      );
    }),
  );
});

test('Bisection finds the one series that a target accepts, wherever it is, where it fails on all others', () => {
  for (const size of [2, 9, 64, 500]) {
    for (const good of [0, size >> 1, size - 1]) {
      const { lost, taken } = run(size, (part) => (part.length === 1 && part[0] === good ? 'accepted' : 'faulted'));
      assert.deepEqual([taken, lost.length], [[good], size - 1]);
    }
  }
});

test('Bisection gives in soon where everything is refused', () => {
  for (const size of [1, 2, 7, 2000, 100_000]) {
    const { lost, attempts } = run(size, () => 'refused');
    assert.deepEqual(lost, range(size));
    const levels = Math.ceil(Math.log2(size)) + 1;
    assert.ok(attempts <= 4 * levels + 2, `${attempts} attempts for ${size} series`);
  }
});

test('Bisection with a probe asks a target that refuses everything twice, and loses nothing of one that accepts again', () => {
  for (const size of [1, 2, 7, 2000]) {
    const refused = run(size, () => 'refused', 5);
    assert.deepEqual([refused.lost, refused.attempts], [range(size), Math.min(2, size)]);
    const accepted = run(size, () => 'accepted', 5);
    assert.deepEqual([accepted.taken, accepted.attempts], [range(size), 1]);
  }
  fc.assert(
    fc.property(sizeAndBad, fc.nat(), ({ size, bad }, probe) => {
      fc.pre(!bad.includes(probe % size));
      const { lost } = run(size, (part) => (bad.some((i) => part.includes(i)) ? 'refused' : 'accepted'), probe);
      assert.deepEqual(lost, bad);
    }),
  );
});

test('Bisection bounds its attempts however many series are refused', () => {
  const { lost, taken, attempts } = run(2000, (part) =>
    part.some((i) => i < 1000 && i % 2 === 0) ? 'refused' : 'accepted',
  );
  assert.equal(lost.length + taken.length, 2000);
  // Taken apart to the end it would be some 2,000.
  assert.ok(attempts > 64 * 12 && attempts <= 2 * 64 * 12 + 2, `${attempts} attempts`);
});

test('Bisection never gives up a series to a target that fails on everything', () => {
  const bisection = new Bisection(5);
  for (let i = 0; i < 1000; i++) assert.deepEqual(bisection.faulted(), []);
  assert.equal(bisection.remaining, 5);
});

test('Bisection keeps to what retain() leaves', () => {
  const bisection = new Bisection(6);
  assert.equal(
    bisection.retain((i) => i % 2 === 0),
    3,
  );
  assert.deepEqual(bisection.current, [0, 2, 4]);
  assert.equal(
    bisection.retain((i) => i % 2 === 0),
    0,
  );
  assert.deepEqual(bisection.refused(), []);
  assert.deepEqual(bisection.current, [0]);
  bisection.accepted();
  assert.deepEqual(bisection.current, [2, 4]);
  assert.equal(bisection.remaining, 2);
  assert.equal(
    bisection.retain(() => false),
    2,
  );
  assert.equal(bisection.current, undefined);
  assert.equal(bisection.remaining, 0);
  assert.equal(
    bisection.retain(() => false),
    0,
  );
});
