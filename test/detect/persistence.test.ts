import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Persistence } from '#src/detect/persistence.js';

const MINUTE_MS = 60_000;

/** A series whose deviations keep this share of themselves from step to step, shaken evenly. */
function persistent(phi: number): Persistence {
  const persistence = new Persistence();
  let deviation = 0;
  for (let i = 0; i < 5000; i++) {
    deviation = phi * deviation + ((i * 0.6180339887498949) % 1) - 0.5;
    persistence.learn(deviation, 1, MINUTE_MS);
  }
  return persistence;
}

test('Persistence learns how much of a deviation is left after some steps', () => {
  for (const phi of [0.2, 0.6, 0.95]) {
    const persistence = persistent(phi);
    persistence.learn(2, 1, MINUTE_MS);
    const after = persistence.ahead(1, MINUTE_MS) / 2;
    assert.ok(after >= 0 && after <= 1, `${after}`);
    assert.ok(Math.abs(persistence.ahead(3, MINUTE_MS) - 2 * after ** 3) < 1e-6, 'a power for each step');
    assert.ok(Math.abs(persistence.ahead(360, MINUTE_MS)) < 0.05, 'nothing after hours');
  }
  assert.ok(persistent(0.95).ahead(0, MINUTE_MS) !== 0);
  const [weak, strong] = [persistent(0.2), persistent(0.95)];
  for (const each of [weak, strong]) each.learn(2, 1, MINUTE_MS);
  assert.ok(
    strong.ahead(1, MINUTE_MS) > weak.ahead(1, MINUTE_MS) + 0.5,
    `${strong.ahead(1, MINUTE_MS)} and ${weak.ahead(1, MINUTE_MS)}`,
  );
});

test('Persistence expects nothing of a deviation that it does not know, and little of an outlier', () => {
  assert.equal(new Persistence().ahead(1, MINUTE_MS), 0);
  const persistence = persistent(0.9);
  persistence.learn(1e9, 1, MINUTE_MS);
  assert.ok(persistence.ahead(1, MINUTE_MS) <= 6);
  persistence.learn(Number.NaN, 1, MINUTE_MS);
  assert.equal(persistence.ahead(1, MINUTE_MS), 0);
});
