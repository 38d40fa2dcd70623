import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluationSchedule, nextEvaluation } from '#src/engine/publish/evaluation-schedule.js';
import type { SeriesSettings } from '#src/model/settings/settings.js';
import { MINUTE, SECOND } from '../../fixtures.js';

test('evaluationSchedule() evaluates every step, and a step over 4 minutes in equal parts', () => {
  const cases: [stepMs: number, intervalMs: number][] = [
    [5 * SECOND, 5 * SECOND],
    [MINUTE, MINUTE],
    [4 * MINUTE, 4 * MINUTE],
    [5 * MINUTE, 2.5 * MINUTE],
    [60 * MINUTE, 4 * MINUTE],
    [61 * MINUTE, (61 / 16) * MINUTE],
  ];
  for (const [stepMs, intervalMs] of cases) {
    const settings = { stepMs, publishDelayMs: 10 * SECOND } as SeriesSettings;
    assert.deepEqual(evaluationSchedule(settings), { intervalMs, delayMs: 10 * SECOND }, `step ${stepMs}`);
  }
});

test('nextEvaluation() never repeats an evaluation, not even for a process that takes over', () => {
  const schedule = { intervalMs: MINUTE, delayMs: 10 * SECOND };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), fc.nat({ max: 5 * MINUTE }), (startMs, later) => {
      const next = nextEvaluation(schedule, startMs, Number.NEGATIVE_INFINITY);
      const dueMs = next * schedule.intervalMs + schedule.delayMs;
      assert.ok(dueMs >= startMs && dueMs < startMs + schedule.intervalMs, 'the next one to come');
      assert.ok(nextEvaluation(schedule, dueMs + later, next) > next, 'after its own ones');
      // The process before ran its last evaluation when it was due, before this one started.
      const lastOfOther = Math.ceil((startMs - schedule.delayMs) / schedule.intervalMs) - 1;
      assert.ok(next > lastOfOther, 'after those of the process before');
    }),
  );
});
