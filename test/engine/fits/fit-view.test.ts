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

test('what comes day after day is learnt from three hours on; the season of the day cannot draw what is shorter', async () => {
  const life = fastClock();
  await life.pass(START + 6 * DAY, (timeMs) => Math.floor(timeMs / MINUTE) % 7);
  life.engine.stop();
  const [series] = life.engine.queries.series();
  const leftOut = (lengthMs: number, days: readonly number[]) => {
    series!.alarms.list = days.map((day) => {
      const fromMs = START + day * DAY + 10 * HOUR;
      return { fromMs, toMs: fromMs + lengthMs, side: 1, peakScore: 2, kind: 'value', suppressed: false };
    });
    const { excluded, suspect } = fitView(life.store, series!);
    return { excluded: excluded!.length, suspect: suspect!.length };
  };
  assert.deepEqual(leftOut(HOUR / 2, [1, 2]), { excluded: 0, suspect: 2 }, 'two may be incidents');
  assert.deepEqual(leftOut(HOUR / 2, [1, 2, 4]), { excluded: 3, suspect: 3 });
  assert.deepEqual(leftOut(4 * HOUR, [1, 2, 4]), { excluded: 0, suspect: 0 });
});
