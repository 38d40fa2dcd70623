import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TWO_STATES_LENGTH, TwoStates } from '#src/detect/kinds/two-states.js';

const MINUTE = 60_000;
const DAY_STEPS = 1440;

function statesAfter(valueAt: (step: number) => number, steps: number): TwoStates {
  const states = new TwoStates(new Float32Array(TWO_STATES_LENGTH));
  for (let step = 0; step < steps; step++) states.isStuck(valueAt(step), MINUTE);
  return states;
}

/** Half an hour on, half an hour off, with a little noise that comes again. */
const onOff = (step: number) => (Math.floor(step / 30) % 2 === 0 ? 100 : 0) + (step % 7);

test('TwoStates finds a series stuck that stays on for 1.6 times as long as ever', () => {
  const states = statesAfter(onOff, 3 * DAY_STEPS);
  const said = Array.from({ length: 120 }, (_, i) => states.isStuck(100 + (i % 7), MINUTE));
  assert.equal(said.indexOf(true), 48);
});

test('TwoStates finds nothing before it has seen two days, nor in what has more than two states', () => {
  const young = statesAfter(onOff, DAY_STEPS);
  assert.ok(Array.from({ length: 600 }, () => young.isStuck(100, MINUTE)).every((isStuck) => !isStuck));
  const wave = statesAfter((step) => 50 + 50 * Math.sin(step / 20), 3 * DAY_STEPS);
  assert.ok(Array.from({ length: 600 }, () => wave.isStuck(100, MINUTE)).every((isStuck) => !isStuck));
});

test('TwoStates reports for two hours what stays', () => {
  const states = statesAfter(onOff, 3 * DAY_STEPS);
  const said = Array.from({ length: 2 * DAY_STEPS }, () => states.isStuck(100, MINUTE));
  assert.equal(said.filter(Boolean).length, 120);
});

test('TwoStates knows the state in which a series rests, with its noise', () => {
  const job = (step: number) => (step % DAY_STEPS < 60 ? 100 : 0) + (step % 7);
  const states = statesAfter(job, 3 * DAY_STEPS);
  assert.equal(states.offRest(5), 0);
  assert.ok(Math.abs(states.offRest(100) - 97) < 3, `${states.offRest(100)}`);
  assert.ok(Number.isNaN(statesAfter(onOff, 3 * DAY_STEPS).offRest(5)), 'of one that is on half of the time');
});

test('TwoStates does not take another level for a state in which the series is stuck', () => {
  const states = statesAfter((step) => 50 + (step % 2), 3 * DAY_STEPS);
  const said = Array.from({ length: 180 }, (_, i) => states.isStuck(90 + (i % 2), MINUTE));
  assert.equal(said.indexOf(true), -1);
});

test('TwoStates tells how long a state has lasted that is too long, until it is over or a day old', () => {
  const states = statesAfter(onOff, 3 * DAY_STEPS);
  const undecided = (value: number) => {
    states.isStuck(value, MINUTE);
    return states.undecidedMs(MINUTE) / MINUTE;
  };
  const said = Array.from({ length: 200 }, () => undecided(100));
  assert.deepEqual([said[47], said[48], said[199]], [0, 49, 200]);
  assert.equal(states.endedMs, 0);
  assert.equal(undecided(0), 0);
  assert.equal(states.endedMs, 200 * MINUTE);
  assert.equal(undecided(0), 0);
  assert.equal(states.endedMs, 0);
  const usual = statesAfter(onOff, 3 * DAY_STEPS);
  for (let step = 0; step < DAY_STEPS; step++) usual.isStuck(100, MINUTE);
  assert.equal(usual.undecidedMs(MINUTE), 0);
});
