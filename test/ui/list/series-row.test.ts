import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaugePercent } from '#src/ui/list/series-row.js';

// A value and where it is drawn, in thirds of the gauge, of which the middle one is the interval from 10 to 20.
const places: readonly (readonly [value: number, thirds: number])[] = [
  [10, 1],
  [15, 1.5],
  [20, 2],
  [25, 2.5],
  [500, 3],
  [-500, 0],
];
for (const [value, thirds] of places) {
  test(`the gauge has ${value} at ${thirds} thirds, whatever it scores`, () => {
    const percent = gaugePercent({ time: 0, value, yhat: 12, yhat_lower: 10, yhat_upper: 20, anomaly_score: 0.01 });
    assert.ok(Math.abs(percent - (100 * thirds) / 3) < 1e-9, `${percent}`);
  });
}

test('in an interval without width a value is in the middle, or at an end', () => {
  const at = (value: number) =>
    gaugePercent({ time: 0, value, yhat: 1, yhat_lower: 1, yhat_upper: 1, anomaly_score: 0 });
  assert.deepEqual([at(0), at(1), at(2)], [0, 50, 100]);
});
