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
