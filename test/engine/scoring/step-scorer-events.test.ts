import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StepScorer } from '#src/engine/scoring/step-scorer.js';
import { DAY, MINUTE } from '../../fixtures.js';
import { uniform } from '../fast-clock.js';
import { START, storeWith, trackedAround } from '../fixture.js';

/** The events that were counted of a series at 0 to whose minutes `valueAt` gives values, NaN for none. */
function eventsCounted(minutes: number, valueAt: (minute: number) => number): number {
  const { store, append, settings } = storeWith('errors', 'step: 1m');
  const series = trackedAround(0, settings);
  const scorer = new StepScorer(store);
  for (let minute = 0; minute < minutes; minute++) {
    const value = valueAt(minute);
    if (!Number.isNaN(value)) append(START + (minute + 0.5) * MINUTE, value);
    scorer.scoreStep(series, START + (minute + 1) * MINUTE);
  }
  return series.eventRate.state[2]!;
}

test('the events of a series at rest are counted', () => {
  assert.equal(
    eventsCounted(DAY / MINUTE, (minute) => (minute % 100 === 50 ? 1 : 0)),
    14,
  );
});

test('a minute in which a series at rest is not observed is no event', () => {
  const gaps = (minute: number) => (minute > 100 && minute % 100 === 20 ? Number.NaN : 0);
  assert.equal(
    eventsCounted(DAY / MINUTE, (minute) => (minute % 100 === 50 ? 1 : gaps(minute))),
    14,
  );
});

test('a raised rate is no level that a series at rest takes', () => {
  const { store, append, settings } = storeWith('errors', 'step: 1m');
  const series = trackedAround(0.05, settings);
  const scorer = new StepScorer(store);
  const random = uniform(3);
  const stepMs = MINUTE;
  const raisedFromMs = START + 4 * DAY;
  let inAlarm = 0;
  const shifts = [];
  for (let timeMs = START; timeMs < raisedFromMs + 2.5 * DAY; timeMs += stepMs) {
    append(timeMs + stepMs / 2, random() < (timeMs < raisedFromMs ? 0.012 : 0.06) ? 1 : 0);
    const { score, levelShift } = scorer.scoreStep(series, timeMs + stepMs);
    if (timeMs >= raisedFromMs && score > 1) inAlarm++;
    if (levelShift !== undefined) shifts.push(levelShift);
  }
  assert.ok(inAlarm > DAY / stepMs, `${inAlarm} steps in alarm`);
  assert.deepEqual(shifts, []);
});
