import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gainsOf } from '#src/detect/score/step-gains.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../fixtures.js';

const isNear = (value: number, want: number) => Math.abs(value / want - 1) < 1e-9;

test('gainsOf() lets no more single steps a day be rare below a minute than at a minute', () => {
  const atMinute = gainsOf(MINUTE);
  for (const stepMs of [SECOND, 10 * SECOND, 30 * SECOND]) {
    const { singleRarity, singles } = gainsOf(stepMs);
    assert.ok(isNear(singleRarity / stepMs, atMinute.singleRarity / MINUTE), `${stepMs} ms: ${singleRarity}`);
    assert.ok(isNear(singles, atMinute.singles), `${stepMs} ms: ${singles}`);
  }
});

test('gainsOf() lets fewer of finer steps be rare, but not in proportion', () => {
  for (const [fine, coarse] of [
    [10 * SECOND, MINUTE],
    [MINUTE, 5 * MINUTE],
    [5 * MINUTE, HOUR],
  ] as const) {
    const ratio = gainsOf(coarse).rarity / gainsOf(fine).rarity;
    assert.ok(isNear(ratio, (coarse / fine) ** 0.4), `${fine} ms: ${ratio}`);
  }
  for (const stepMs of [MINUTE, 5 * MINUTE, HOUR]) assert.equal(gainsOf(stepMs).singleRarity, gainsOf(stepMs).rarity);
  assert.equal(gainsOf(30 * DAY).rarity, 0.01, 'the tail begins there');
});
