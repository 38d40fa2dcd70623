import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { parseConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { Random } from '../../ordinary-days/random.js';

/*
 * Memory grows until its process is restarted. When that will be no season says, and so the next restart is no alarm; that it does
 * not come is one.
 */

const START_MS = Date.parse('2026-01-05T00:00Z');
const DAYS = 15;

/** The times of the steps in alarm. */
function alarmsOf(stepMs: number, hours: number, valueAt: (timeMs: number) => number): number[] {
  const timesMs = Float64Array.from({ length: (hours * HOUR) / stepMs }, (_, i) => START_MS + i * stepMs);
  const values = timesMs.map(valueAt);
  const [rule] = parseConfig('rules: [{ name: a, match: [up], refit_interval: 6h }]', '.').rules;
  const settings = settingsAtStep(rule!.settings, stepMs);
  const { scores } = replay({ timesMs, values }, makeLabels({ __name__: 'm' }), { ...rule!, settings });
  return [...timesMs].filter((_, i) => scores[i]! > 1);
}

for (const period of [7, 17, 20.3]) {
  test(`a restart every ${period} h is no alarm, and one that does not come is`, () => {
    const random = new Random(period);
    const periodMs = period * HOUR;
    const lastMs = START_MS + Math.ceil((DAYS * DAY) / periodMs) * periodMs;
    const alarms = alarmsOf(5 * MINUTE, (lastMs - START_MS + 2 * periodMs) / HOUR, (timeMs) => {
      const sinceMs = timeMs < lastMs ? (timeMs - START_MS) % periodMs : timeMs - lastMs + periodMs;
      return 500 * (1 + sinceMs / periodMs) + 5 * random.normal();
    });
    const before = alarms.filter((timeMs) => timeMs >= lastMs - 5 * DAY && timeMs < lastMs);
    assert.ok(before.length <= 2, `${before.length} steps in alarm in the last five usual days`);
    const after = alarms.find((timeMs) => timeMs >= lastMs);
    assert.ok(after !== undefined && after - lastMs <= 0.5 * periodMs, `${(after! - lastMs) / HOUR} h`);
  });
}

test('a load that ends at the same time every evening is watched inside its range all the same', () => {
  const random = new Random(4);
  const outageMs = START_MS + DAYS * DAY + 13 * HOUR;
  const alarms = alarmsOf(MINUTE, 24 * DAYS + 20, (timeMs) => {
    const hour = (timeMs % DAY) / HOUR;
    const load = hour >= 8 && hour < 18 ? 100 + 400 * Math.sin((Math.PI * (hour - 8)) / 12) : 100;
    const isOut = timeMs >= outageMs && timeMs < outageMs + HOUR;
    return (isOut ? 0.5 : 1) * load + 3 * random.normal();
  });
  const inOutage = alarms.filter((timeMs) => timeMs >= outageMs && timeMs < outageMs + HOUR);
  assert.ok(inOutage.length >= 50, `${inOutage.length} of 60`);
});
