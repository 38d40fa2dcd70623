import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { EvaluationClock } from '#src/engine/publish/evaluation-clock.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { MINUTE, SECOND } from '../../fixtures.js';
import { START } from '../fixture.js';

const SCHEDULE = { intervalMs: MINUTE, delayMs: 10 * SECOND };

/** An evaluation clock with one series; `setMs` is how far the time of day is off the time that passes. */
function running(
  t: TestContext,
  fails: (series: TrackedSeries) => boolean = () => false,
  flush = () => {},
  prepare?: (series: TrackedSeries) => Iterable<void>,
) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const time = { passedMs: 0, setMs: 0 };
  const evaluations: { minute: number; atMinute: number }[] = [];
  const logged: string[] = [];
  const registry = new Registry();
  const now = () => START + time.passedMs + time.setMs;
  const clock = new EvaluationClock({
    ...(prepare && { prepare }),
    evaluate: (series, evaluationMs) => {
      if (fails(series)) throw new Error('this one cannot be evaluated');
      evaluations.push({ minute: (evaluationMs - START) / MINUTE, atMinute: (now() - START) / MINUTE });
    },
    flush,
    describe: ({ id }) => `series_${id}`,
    log: pino({ base: null, timestamp: false }, { write: (line) => logged.push(line) }),
    now,
    registry,
  });
  t.after(() => clock.stop());
  clock.add(new TrackedSeries(0), SCHEDULE);
  const pass = async (ms: number) => {
    for (const endMs = time.passedMs + ms; time.passedMs < endMs; ) {
      time.passedMs += SECOND;
      t.mock.timers.tick(SECOND);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return evaluations.splice(0).map(({ minute }) => minute);
  };
  return { clock, time, pass, evaluations, logged, registry };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('EvaluationClock waits for a clock that was set back, and evaluates nothing twice', async (t) => {
  const { time, pass, logged } = running(t);
  assert.deepEqual(await pass(10 * MINUTE), range(0, 10));
  time.setMs = -5 * MINUTE;
  assert.deepEqual(await pass(5 * MINUTE), [], 'all of it was published before');
  assert.deepEqual(await pass(5 * MINUTE), range(10, 15));
  assert.equal(logged.length, 1);
  assert.match(logged[0]!, /"seconds":300,"msg":"the clock was set back/);
});

test('EvaluationClock goes on at once when a clock that was set back is right again', async (t) => {
  const { time, pass } = running(t);
  await pass(10 * MINUTE);
  time.setMs = -5 * MINUTE;
  await pass(MINUTE);
  time.setMs = 0;
  assert.deepEqual(await pass(5 * MINUTE), range(10, 16));
});

test('EvaluationClock evaluates nothing at a timestamp of a clock that was behind when it is right again', async (t) => {
  const { time, pass, evaluations } = running(t);
  await pass(60 * MINUTE);
  time.setMs = -40 * MINUTE;
  assert.deepEqual(await pass(10 * MINUTE), range(20, 30), 'hours or most of one are not waited for');
  time.setMs = 0;
  await pass(0);
  assert.deepEqual(evaluations, []);
  assert.deepEqual(await pass(3 * MINUTE), range(70, 73));
});

test('EvaluationClock goes on from where the clock was set ahead, and counts the evaluations it went over', async (t) => {
  const { time, pass, registry } = running(t);
  await pass(10 * MINUTE);
  time.setMs = 5 * MINUTE;
  // The evaluation it was asleep for is late; the ones after it never come.
  assert.deepEqual(await pass(5 * MINUTE), [10, ...range(15, 20)]);
  assert.match(await registry.metrics(), /^sentio_evaluations_skipped_total 4$/m);
  time.setMs = 0;
  assert.deepEqual(await pass(5 * MINUTE), [], 'set right again, it is as one that was set back');
  assert.deepEqual(await pass(2 * MINUTE), [20, 21]);
});

test('EvaluationClock does not wait for a clock that was far ahead of the truth', async (t) => {
  const { time, pass } = running(t);
  await pass(MINUTE);
  time.setMs = 30 * 24 * 60 * MINUTE;
  await pass(5 * MINUTE);
  time.setMs = 0;
  assert.deepEqual(await pass(5 * MINUTE), range(6, 11));
});

test('EvaluationClock costs a series that throws its own evaluation, and no other anything', async (t) => {
  const { clock, pass, logged, registry } = running(t, ({ id }) => id === 1);
  clock.add(new TrackedSeries(1), SCHEDULE);
  clock.add(new TrackedSeries(2), SCHEDULE);
  assert.deepEqual(
    await pass(5 * MINUTE),
    range(0, 5).flatMap((minute) => [minute, minute]),
  );
  assert.match(await registry.metrics(), /^sentio_evaluation_failures_total 5$/m);
  assert.match(logged[0]!, /"series":"series_1".*this one cannot be evaluated/);
});

test('EvaluationClock goes on after an evaluation that could not be finished', async (t) => {
  let ends = 0;
  const { pass, logged } = running(
    t,
    () => false,
    () => {
      if (ends++ === 0) throw new Error('the queue is broken');
    },
  );
  assert.deepEqual(await pass(5 * MINUTE), range(0, 5));
  assert.match(logged[0]!, /the queue is broken/);
});

test('EvaluationClock says how late an evaluation ended', async (t) => {
  const { time, pass, registry } = running(t, () => {
    time.setMs += 2 * SECOND;
    return false;
  });
  assert.deepEqual(await pass(MINUTE), [0]);
  const metrics = await registry.metrics();
  assert.match(metrics, /^sentio_evaluation_lag_seconds_bucket{le="1"} 0$/m);
  assert.match(metrics, /^sentio_evaluation_lag_seconds_bucket{le="3"} 1$/m);
});

test('EvaluationClock lets others in while a series is prepared, and evaluates none that goes meanwhile', async (t) => {
  const { clock, pass } = running(t, undefined, undefined, function* (series) {
    if (series.id === 0) setImmediate(() => clock.remove(series));
    // Longer than a slice.
    for (const endMs = performance.now() + 15; performance.now() < endMs; );
    yield;
  });
  clock.add(new TrackedSeries(1), SCHEDULE);
  assert.deepEqual(await pass(MINUTE), [0]);
});
