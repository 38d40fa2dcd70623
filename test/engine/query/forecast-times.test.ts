import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ForecastTimes } from '#src/engine/query/forecast-times.js';
import { MINUTE } from '../../fixtures.js';

const LOOKBACK = 5 * MINUTE;

test('ForecastTimes are the instants a query computes, or as many more as keep within the lookback', () => {
  const cases: [name: string, range: ConstructorParameters<typeof ForecastTimes>[0], want: number[]][] = [
    ['a step', { startMs: 0, endMs: 3 * MINUTE, stepMs: MINUTE, lastMs: Infinity }, [0, 1, 2, 3]],
    ['an end between steps', { startMs: 0, endMs: 2.5 * MINUTE, stepMs: MINUTE, lastMs: Infinity }, [0.5, 1.5, 2.5]],
    [
      'a step beyond the lookback',
      { startMs: 0, endMs: 12 * MINUTE, stepMs: 8 * MINUTE, lastMs: Infinity },
      [0, 4, 8, 12],
    ],
    ['an end beyond the horizon', { startMs: 0, endMs: 9 * MINUTE, stepMs: 2 * MINUTE, lastMs: 4 * MINUTE }, [1, 3]],
    ['a start beyond the horizon', { startMs: 5 * MINUTE, endMs: 9 * MINUTE, stepMs: MINUTE, lastMs: MINUTE }, []],
    ['an end before the start', { startMs: MINUTE, endMs: 0, stepMs: MINUTE, lastMs: Infinity }, []],
    ['an instant', { startMs: MINUTE, endMs: MINUTE, stepMs: MINUTE, lastMs: Infinity }, [1]],
  ];
  for (const [name, range, want] of cases) {
    const times = new ForecastTimes(range);
    assert.deepEqual(
      [...times.toArray()],
      want.map((minutes) => minutes * MINUTE),
      name,
    );
    assert.equal(times.count, want.length, name);
  }
});

test('ForecastTimes leave no instant without a point in its lookback, whatever the step', () => {
  const time = fc.integer({ min: 0, max: 2 ** 41 });
  const step = fc.integer({ min: 1000, max: 10 * 3_600_000 });
  fc.assert(
    fc.property(
      time,
      step,
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: -50, max: 300 }),
      (startMs, stepMs, steps, last) => {
        const endMs = startMs + steps * stepMs;
        const lastMs = startMs + last * stepMs;
        const times = new ForecastTimes({ startMs, endMs, stepMs, lastMs });
        const points = [...times.toArray()];
        assert.ok(
          points.every((timeMs) => Number.isInteger(timeMs) && timeMs >= startMs && timeMs <= Math.min(endMs, lastMs)),
        );
        const gaps = points.slice(1).map((timeMs, i) => timeMs - points[i]!);
        assert.ok(gaps.every((gapMs) => gapMs > 0 && gapMs <= LOOKBACK));
        // Every instant that the query computes, up to the last point there may be, is a point.
        const instants = Array.from({ length: steps + 1 }, (_, i) => startMs + i * stepMs).filter(
          (timeMs) => timeMs <= lastMs,
        );
        assert.ok(instants.every((timeMs) => points.includes(timeMs)));
      },
    ),
    { numRuns: 200 },
  );
});
