import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventRate } from '#src/detect/kinds/event-rate.js';
import { uniform } from '../../engine/fast-clock.js';

const MINUTE = 60_000;
const DAY_STEPS = 1440;

/** What is said of each of so many steps in which events come by chance with this probability. */
function run(
  rate: EventRate,
  random: () => number,
  share: number,
  from: number,
  steps: number,
  stepMs = MINUTE,
): boolean[] {
  return Array.from({ length: steps }, (_, i) => rate.next(random() < share, (from + i) * stepMs, stepMs));
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

test('EventRate finds most raised rates within twelve events, and takes a usual one for raised once in a month at most', () => {
  const random = uniform(5);
  const each = 100;
  let found = 0;
  let falseAlarms = 0;
  let days = 0;
  for (let i = 0; i < each; i++) {
    const share = 0.002 * 2 ** (i % 4);
    const rate = new EventRate();
    const known = Math.ceil(5 / share) + (4 + (i % 10)) * DAY_STEPS;
    const before = run(rate, random, share, 0, known);
    falseAlarms += before.filter((isOften, at) => isOften && before[at - 1] !== true).length;
    days += known / DAY_STEPS;
    found += Number(run(rate, random, 5 * share, known, Math.ceil(12 / (5 * share))).includes(true));
  }
  assert.ok(found >= 0.85 * each, `${found} of ${each} found`);
  assert.ok(falseAlarms / days < 1 / 30, `${falseAlarms} false alarms in ${days} days`);
});

test('EventRate is in alarm for as long as the rate is raised', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = uniform(seed);
    const rate = new EventRate();
    run(rate, random, 0.015, 0, 6 * DAY_STEPS);
    const raised = run(rate, random, 0.075, 6 * DAY_STEPS, DAY_STEPS);
    const first = raised.indexOf(true);
    assert.ok(first >= 0 && first < 300, `seed ${seed}: found in minute ${first}`);
    const over = raised.slice(first).filter((isOften) => !isOften).length;
    assert.equal(over, 0, `seed ${seed}: not in alarm for ${over} minutes of ${raised.length - first}`);
  }
});

test('EventRate does not take a raised rate for flocks', () => {
  const found = Array.from({ length: 200 }, (_, seed) => {
    const random = uniform(seed);
    const rate = new EventRate();
    const stepMs = 10_000;
    run(rate, random, 0.016, 0, 40_000, stepMs);
    return run(rate, random, 0.08, 40_000, 750, stepMs).includes(true);
  });
  assert.equal(found.filter((isFound) => !isFound).length, 0, 'not found within 60 events');
});

test('EventRate does not find a raised rate that is over again at the next event', () => {
  let again = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const random = uniform(seed);
    const rate = new EventRate();
    run(rate, random, 0.01, 0, 6 * DAY_STEPS);
    run(rate, random, 0.05, 6 * DAY_STEPS, 240);
    const after = run(rate, random, 0.01, 6 * DAY_STEPS + 240, DAY_STEPS);
    const over = after.indexOf(false);
    assert.ok(over >= 0, `seed ${seed}`);
    again += Number(after.slice(over).includes(true));
  }
  assert.ok(again <= 2, `${again} of 40`);
});

test('EventRate takes a raised rate for the usual one after three days', () => {
  const random = uniform(6);
  const rate = new EventRate();
  run(rate, random, 0.005, 0, 10 * DAY_STEPS);
  const raised = run(rate, random, 0.025, 10 * DAY_STEPS, 5 * DAY_STEPS);
  assert.ok(raised.slice(DAY_STEPS, 3 * DAY_STEPS).every((isOften) => isOften));
  assert.ok(raised.slice(3.5 * DAY_STEPS).every((isOften) => !isOften));
  // Then it is the one that is compared with.
  assert.ok(run(rate, random, 0.125, 15 * DAY_STEPS, DAY_STEPS / 2).at(-1));
});

test('EventRate knows the usual rate the worse the fewer events it has seen', () => {
  const every = (minutes: number) => (_: unknown, i: number) => i % minutes === minutes - 1;
  /** Whether a rise from one event in 8 h to one in 2 h is found by its tenth event, after so many usual ones. */
  const isFoundAfter = (usual: number): boolean => {
    const steps = [...Array.from({ length: usual * 480 }, every(480)), ...Array.from({ length: 10 * 120 }, every(120))];
    const rate = new EventRate();
    return steps.map((isEvent, i) => rate.next(isEvent, i * MINUTE, MINUTE)).includes(true);
  };
  assert.deepEqual([6, 12, 30].map(isFoundAfter), [false, true, true]);
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
