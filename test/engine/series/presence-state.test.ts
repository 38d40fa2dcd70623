import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { evaluationSchedule } from '#src/engine/publish/evaluation-schedule.js';
import { Evaluator } from '#src/engine/publish/evaluator.js';
import { ForecastReader } from '#src/engine/query/forecast-reader.js';
import { ReadBudget } from '#src/engine/query/read-budget.js';
import { noteOwnedBefore, noteOwnership } from '#src/engine/series/presence-state.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { MINUTE, SECOND } from '../../fixtures.js';
import { RecordingWriter, START, storeWith, trackedAround, type Written } from '../fixture.js';

/** One of several Sentios, which publishes `m` at its evaluation timestamps. */
function shard({ step, ownershipGraceMs, isRunning }: { step: string; ownershipGraceMs: number; isRunning: boolean }) {
  const source = storeWith('m', `step: ${step}`);
  const writer = new RecordingWriter();
  const evaluator = new Evaluator({ store: source.store, writer, ownershipGraceMs, registry: new Registry() });
  const series = trackedAround(50, source.settings);
  if (isRunning) noteOwnedBefore(series);
  const schedule = evaluationSchedule(source.settings);
  return {
    ...source,
    series,
    schedule,
    evaluate: (evaluationMs: number): Written[] => {
      // The store knows a series by its first sample.
      if (source.store.size > 0) evaluator.evaluate(series, evaluationMs, schedule);
      return writer.take();
    },
  };
}

test('a series that moves to another shard is published by one at a time, in time order, and never ended', () => {
  fc.assert(
    fc.property(
      fc.record({
        step: fc.constantFrom('10s', '1m', '4m', '10m'),
        scrapeMs: fc.integer({ min: SECOND, max: 30 * SECOND }),
        ownershipGraceMs: fc.integer({ min: 90 * SECOND, max: 5 * MINUTE }),
        moveMs: fc.integer({ min: 10 * MINUTE, max: 20 * MINUTE }).map((ms) => START + ms),
        newFirst: fc.boolean(),
      }),
      ({ step, scrapeMs, ownershipGraceMs, moveMs, newFirst }) => {
        const before = shard({ step, ownershipGraceMs, isRunning: true });
        const after = shard({ step, ownershipGraceMs, isRunning: false });
        const { intervalMs, delayMs } = before.schedule;
        const written: Written[] = [];
        const publishers = new Set<object>();
        let sampleMs = START;
        for (let evaluationMs = START + intervalMs; evaluationMs < START + 60 * MINUTE; evaluationMs += intervalMs) {
          for (; sampleMs <= evaluationMs + delayMs; sampleMs += scrapeMs) {
            (sampleMs < moveMs ? before : after).append(sampleMs, 50 + (sampleMs % 3));
          }
          for (const each of newFirst ? [after, before] : [before, after]) {
            const samples = each.evaluate(evaluationMs);
            if (samples.length > 0) publishers.add(each);
            written.push(...samples);
          }
        }
        assert.equal(publishers.size, 2);
        const last = new Map<string, number>();
        for (const { name, timeMs, value } of written) {
          assert.notEqual(value, 'stale');
          const gapMs = timeMs - (last.get(name) ?? timeMs - 1);
          assert.ok(gapMs > 0, `${name} at ${timeMs} after ${last.get(name)}`);
          last.set(name, timeMs);
          if (name === 'm_yhat') assert.ok(gapMs <= scrapeMs + delayMs + 3 * intervalMs, `a gap of ${gapMs} ms`);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a shard ends what has a stale marker, and goes on at once when it is back', () => {
  const { append, appendStale, evaluate } = shard({ step: '1m', ownershipGraceMs: 2 * MINUTE, isRunning: true });
  append(START + 30 * SECOND, 50);
  assert.ok(evaluate(START + MINUTE).length > 0);
  appendStale(START + 70 * SECOND);
  assert.ok(evaluate(START + 2 * MINUTE).every(({ value }) => value === 'stale'));
  append(START + 130 * SECOND, 50);
  assert.ok(evaluate(START + 3 * MINUTE).some(({ name }) => name === 'm_yhat'));
});

test('a shard is in no hurry with a series that was away', () => {
  const { append, evaluate } = shard({ step: '1m', ownershipGraceMs: 2 * MINUTE, isRunning: true });
  append(START, 50);
  const evaluationsWithForecast = [];
  for (let minute = 1; minute < 20; minute++) {
    if (minute >= 10) append(START + minute * MINUTE - SECOND, 50);
    if (evaluate(START + minute * MINUTE).some(({ name }) => name === 'm_yhat')) evaluationsWithForecast.push(minute);
  }
  assert.deepEqual(evaluationsWithForecast, [1, 2, 12, 13, 14, 15, 16, 17, 18, 19]);
});

test('a shard draws no curve of a series that has moved away, and that of one that ended as far as it came', async () => {
  const { store, series, append, appendStale } = shard({ step: '1m', ownershipGraceMs: 2 * MINUTE, isRunning: true });
  append(START, 50);
  let nowMs = START;
  const reader = new ForecastReader({ store, externalLabels: [], ownershipGraceMs: 2 * MINUTE, now: () => nowMs });
  reader.add(series);
  const matchers = parseSelector('m_yhat{sentio="forecast"}');
  const points = async (): Promise<number[]> => {
    const budget = new ReadBudget({ maxReadSeries: 1, maxReadSamples: 1000, readTimeoutMs: 10_000 });
    const curves = await reader.read({ startMs: START - 2 * MINUTE, endMs: START + 2 * MINUTE, matchers }, budget);
    return curves.map(({ samples }) => samples.timesMs.length);
  };
  assert.deepEqual(await points(), [5]);
  nowMs = START + 2 * MINUTE;
  assert.deepEqual(await points(), [5]);
  nowMs++;
  assert.deepEqual(await points(), []);
  appendStale(START + MINUTE);
  assert.deepEqual(await points(), [3]);
});

test('a series of which nothing has come yet is not ours', () => {
  assert.equal(noteOwnership({ presentSinceMs: Number.NaN }, Number.NaN, START, MINUTE), false);
});
