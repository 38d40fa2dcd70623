import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { fitView } from '#src/engine/fits/fit-view.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { fastClock } from '../fast-clock.js';
import { START } from '../fixture.js';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START }));
afterEach(() => mock.timers.reset());

test('what is on or off is not learnt while it stays in one state for longer than ever, nor once that is over', async () => {
  const life = fastClock();
  const noise = (timeMs: number) => (Math.floor(timeMs / MINUTE) % 7) / 5;
  const onOff = (timeMs: number) => (Math.floor(timeMs / (30 * MINUTE)) % 2 === 0 ? 100 : 0) + noise(timeMs);
  const stuckMs = START + 3 * DAY;
  await life.pass(stuckMs, onOff);
  const [series] = life.engine.queries.series();
  const excluded = () => fitView(life.store, series!).excluded!;
  assert.deepEqual(excluded(), []);
  await life.pass(stuckMs + 5 * HOUR, (timeMs) => 100 + noise(timeMs));
  const isLeftOut = (timeMs: number) => excluded().some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);
  assert.ok(isLeftOut(stuckMs + HOUR) && isLeftOut(stuckMs + 4.9 * HOUR), JSON.stringify(excluded()));
  assert.ok(!isLeftOut(stuckMs - HOUR));
  await life.pass(stuckMs + 7 * HOUR, onOff);
  life.engine.stop();
  assert.ok(isLeftOut(stuckMs + HOUR) && isLeftOut(stuckMs + 4.9 * HOUR), JSON.stringify(excluded()));
  assert.ok(!isLeftOut(stuckMs + 6 * HOUR));
});

const JOB_MS = 10 * HOUR;
const sinceJob = (timeMs: number) => (((timeMs - START - JOB_MS) % DAY) + DAY) % DAY;
const job = (lengthMs: number) => (timeMs: number) =>
  (Math.floor(timeMs / MINUTE) % 7) + (sinceJob(timeMs) < lengthMs ? 50 : 0);
// The season of a day cannot draw what is shorter than three hours.
const daily = [
  { name: 'a short job of two days may be an incident', lengthMs: HOUR, days: [1, 2], excluded: 0, suspect: 2 },
  { name: 'a short job is not learnt', lengthMs: HOUR, days: [1, 2, 4], excluded: 3, suspect: 3 },
  { name: 'one of four hours is', lengthMs: 4 * HOUR, days: [1, 2, 4], excluded: 0, suspect: 0 },
  // After a reset it is not where it was before: its alarm is a part of what a day is like.
  { name: 'the reset of a leak is', lengthMs: HOUR, days: [1, 2, 4], excluded: 0, suspect: 3, isLeak: true },
];
for (const { name, lengthMs, days, excluded, suspect, isLeak } of daily) {
  test(`what comes day after day: ${name}`, async () => {
    const life = fastClock();
    await life.pass(START + 6 * DAY, isLeak ? (timeMs) => sinceJob(timeMs) / HOUR : job(lengthMs));
    life.engine.stop();
    const [series] = life.engine.queries.series();
    series!.alarms.list = days.map((day) => {
      const fromMs = START + day * DAY + JOB_MS;
      return { fromMs, toMs: fromMs + lengthMs, side: 1, peakScore: 2, kind: 'value', suppressed: false };
    });
    const view = fitView(life.store, series!);
    assert.deepEqual([view.excluded!.length, view.suspect!.length], [excluded, suspect]);
  });
}
