import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventRate } from '#src/detect/kinds/event-rate.js';
import { uniform } from '../../engine/fast-clock.js';

const MINUTE = 60_000;
const DAY_STEPS = 1440;

/** What is said of each of so many minutes in which events come by chance with this probability. */
function run(rate: EventRate, random: () => number, share: number, from: number, steps: number): boolean[] {
  return Array.from({ length: steps }, (_, i) => rate.next(random() < share, (from + i) * MINUTE, MINUTE));
}

test('EventRate finds five times the usual rate within twelve events, and its end', () => {
  for (const share of [0.001, 0.01]) {
    const random = uniform(3);
    const rate = new EventRate();
    const known = Math.ceil(30 / share);
    assert.ok(
      run(rate, random, share, 0, known).every((isOften) => !isOften),
      `usual at ${share}`,
    );
    const raised = run(rate, random, 5 * share, known, Math.ceil(12 / (5 * share)));
    assert.ok(raised.includes(true), `raised at ${share}`);
    const after = run(rate, random, share, known + raised.length, Math.ceil(20 / share));
    assert.equal(after.at(-1), false);
  }
});

test('EventRate says nothing of events that are few, or come in flocks', () => {
  const random = uniform(4);
  const few = new EventRate();
  assert.ok(run(few, random, 0.0005, 0, 10 * DAY_STEPS).every((isOften) => !isOften));
  const flocks = new EventRate();
  // Ten within ten minutes, every few days.
  const said = Array.from({ length: 30 * DAY_STEPS }, (_, i) => {
    const since = i % (3 * DAY_STEPS);
    return flocks.next(since < 20 && since % 2 === 0, i * MINUTE, MINUTE);
  });
  assert.ok(said.slice(15 * DAY_STEPS).every((isOften) => !isOften));
});
