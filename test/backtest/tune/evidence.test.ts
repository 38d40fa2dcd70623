import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findsMore, isBetter, weigh } from '#src/backtest/tune/evidence.js';
import type { Part } from '#src/backtest/tune/trial.js';
import { DAY } from '../../fixtures.js';

/** A week of one series, with a loss for every day. */
function part(losses: readonly number[], alarms = 10, right = 5): Part {
  const measures = {
    rows: 1000,
    trackedMs: 7 * DAY,
    mase: 1,
    coverage: 0.99,
    loss: 1,
    pinball: 1,
    alarms,
    alarmsPerWeek: alarms,
    marked: {
      events: Array.from({ length: 10 }, (_, i) => ({
        startMs: i * DAY,
        endMs: i * DAY,
        foundAfterMs: i < right ? 60_000 : undefined,
      })),
      right,
    },
  };
  return { measures, dailyLoss: new Map(losses.map((loss, day) => [day, loss])) };
}

const present = [part([10, 10, 10, 10, 10, 10, 10])];
const nothing = weigh(present, present);

for (const [name, losses, wanted] of [
  ['a tenth less on every day', [9, 9.1, 8.9, 9, 9.05, 8.95, 9], true],
  ['less on some days and more on others', [8, 11, 8, 11, 8, 11, 9], false],
  ['less by half a percent', [9.95, 9.95, 9.95, 9.95, 9.95, 9.95, 9.94], false],
  ['more', [11, 11, 11, 11, 11, 11, 11.1], false],
] as const) {
  test(`isBetter() of a candidate that loses ${name}: ${wanted}`, () => {
    assert.equal(isBetter(weigh([part(losses)], present), nothing), wanted);
  });
}

test('isBetter() refuses a candidate that calls more often than chance explains, or is right less often', () => {
  const losses = [9, 9.1, 8.9, 9, 9.05, 8.95, 9];
  assert.equal(isBetter(weigh([part(losses, 12)], present), nothing), true);
  assert.equal(isBetter(weigh([part(losses, 30, 10)], present), nothing), false);
  assert.equal(isBetter(weigh([part(losses, 10, 3)], present), nothing), false);
});

test('findsMore() asks for more of what was marked', () => {
  const losses = [99, 99, 99, 99, 99, 99, 99];
  assert.equal(findsMore(weigh([part(losses, 10, 8)], present), nothing), true);
  assert.equal(findsMore(weigh([part(losses, 10, 5)], present), nothing), false);
});

test('weigh() compares days that both have', () => {
  const { change } = weigh([part([5, 5, 5])], present);
  assert.ok(Math.abs(change - Math.log(0.5)) < 1e-12, `change ${change}`);
});
