import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forecastIntervalMs, pointsFor, resolveRange } from '#src/ui/chart/forecast-request.js';
import { backoffMs } from '#src/ui/lib/poller.js';

test('a live range moves with the clock, a fixed one does not', () => {
  const pace = { step: 5, horizon: 1_800 };
  assert.deepEqual(resolveRange({ kind: 'live', back: 3_600, ahead: undefined }, pace, 10_000), {
    start: 6_400,
    end: 11_800,
  });
  assert.deepEqual(resolveRange({ kind: 'fixed', start: 1, end: 2 }, pace, 10_000), { start: 1, end: 2 });
});

test('the points asked for cover the range, are no finer than the step, and are about one a pixel', () => {
  const input = fc.record({
    start: fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }),
    span: fc.integer({ min: 1, max: 5_000_000 }),
    step: fc.integer({ min: 1, max: 3_600 }),
    width: fc.integer({ min: 0, max: 4_000 }),
  });
  fc.assert(
    fc.property(input, ({ start, span, step, width }) => {
      const points = pointsFor({ start, end: start + span }, { step, horizon: 0 }, width);
      assert.ok(points.start <= start && points.end >= start + span);
      assert.ok(points.step >= step);
      assert.ok((points.end - points.start) / points.step <= Math.max(width, 1) + 2);
      assert.equal(points.start % points.step, 0);
    }),
  );
});

test('a closer look is asked for at a finer step', () => {
  const pace = { step: 5, horizon: 0 };
  assert.equal(pointsFor({ start: 0, end: 86_400 }, pace, 800).step, 108);
  assert.equal(pointsFor({ start: 0, end: 7_200 }, pace, 800).step, 9);
});

test('a forecast is asked for again from every 5 seconds to once a minute', () => {
  const intervals = [60, 30_000, 1e7].map((span) => forecastIntervalMs({ start: 0, end: span }));
  assert.deepEqual(intervals, [5_000, 30_000, 60_000]);
});

test('while nobody answers the page asks ever more rarely', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 50].map((failures) => backoffMs(failures, 0)),
    [1e3, 2e3, 4e3, 8e3, 16e3, 3e4, 3e4],
  );
  assert.equal(backoffMs(6, 1), 22_500);
});
