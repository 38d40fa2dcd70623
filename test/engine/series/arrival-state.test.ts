import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { evaluationSchedule } from '#src/engine/publish/evaluation-schedule.js';
import { Evaluator } from '#src/engine/publish/evaluator.js';
import { statusOf } from '#src/engine/query/series-report.js';
import { isLate, latenessMs } from '#src/engine/series/arrival-state.js';
import { HOUR, MINUTE, SECOND } from '../../fixtures.js';
import { RecordingWriter, START, storeWith, trackedAround, type Written } from '../fixture.js';

/**
 * A series around 50 that is evaluated every minute. `arrive` says which samples have come in the minute that begins at
 * `fromMs` of the clock, by the time of the evaluation 10 s after its end.
 */
function evaluated(arrive: (fromMs: number) => readonly (readonly [timeMs: number, value: number])[], name = 'm') {
  const source = storeWith(name, 'step: 1m');
  const writer = new RecordingWriter();
  const evaluator = new Evaluator({ store: source.store, writer, registry: new Registry() });
  const schedule = evaluationSchedule(source.settings);
  source.append(START - 3 * HOUR, 50);
  const series = trackedAround(50, source.settings);
  let clockMs = START;
  const pass = (minutes: number): Written[] => {
    writer.take();
    for (let i = 0; i < minutes; i++) {
      for (const [timeMs, value] of arrive(clockMs)) source.append(timeMs, value);
      clockMs += MINUTE;
      evaluator.evaluate(series, clockMs, schedule);
    }
    return writer.take();
  };
  const status = () => statusOf(source.store, series, clockMs + 10 * SECOND);
  return { ...source, series, pass, status };
}

const named = (written: readonly Written[], name: string) => written.filter((sample) => sample.name === name);
/** A sample every 15 s, all of a minute at `lagMs` behind the clock. */
const every15s = (fromMs: number, lagMs: number, value: number): (readonly [number, number])[] =>
  [0, 15, 30, 45].map((second) => [fromMs + second * SECOND - lagMs, value] as const);

for (const lagMs of [30 * SECOND, 75 * SECOND, 4 * MINUTE, 12 * MINUTE, 50 * MINUTE]) {
  test(`samples that come ${lagMs / SECOND} s late are scored, and the series neither ends nor is missing`, () => {
    let value = 50;
    const { pass, status, store, series } = evaluated((fromMs) => every15s(fromMs + 10 * SECOND, lagMs, value));
    pass(30);
    assert.equal(named(pass(20), 'm_anomaly_score').length, 20);
    value = 100;
    const written = pass(5);
    assert.ok(named(written, 'm_anomaly_score').some((sample) => Number(sample.value) > 3));
    const times = named(written, 'm_anomaly_score').map(({ timeMs }) => timeMs);
    assert.deepEqual(times, [...new Set(times)].sort());
    assert.equal(status().state, 'forecasting');
    assert.equal(series.missing, undefined);
    assert.ok(latenessMs(store, series) <= lagMs + MINUTE);
  });
}

test('a series that is on time is scored at the evaluation of its step, and is not late', () => {
  let value = 50;
  const { pass, series } = evaluated((fromMs) => every15s(fromMs, 0, value));
  pass(20);
  assert.ok(!isLate(series));
  value = 100;
  assert.ok(Number(named(pass(1), 'm_anomaly_score')[0]!.value) > 3);
});

test('of an agent that sends every five minutes each step is scored, and the highest score of a batch is published', () => {
  let held: (readonly [number, number])[] = [];
  let spikeMs = Number.NaN;
  const { pass, series } = evaluated((fromMs) => {
    held.push(...every15s(fromMs, 0, fromMs === spikeMs ? 100 : 50));
    if ((fromMs - START) % (5 * MINUTE) !== 4 * MINUTE) return [];
    const batch = held;
    held = [];
    return batch;
  });
  pass(30);
  spikeMs = START + 31 * MINUTE;
  const published = named(pass(10), 'm_anomaly_score');
  assert.deepEqual(
    published.map((sample) => Number(sample.value) > 1),
    [false, false, false, false, true, false, false, false, false, false],
  );
  assert.equal(series.scoredUntilMs, START + 40 * MINUTE);
});

test('the rate of a late step is published at the evaluation at which it became known', () => {
  let total = 0;
  const count = (fromMs: number) =>
    every15s(fromMs, 3 * MINUTE, 0).map(([timeMs]) => {
      total += 15;
      return [timeMs, total] as const;
    });
  const { pass } = evaluated(count, 'requests_total');
  pass(30);
  const rates = named(pass(5), 'requests_total_rate_y');
  assert.deepEqual(
    rates.map(({ timeMs, value }) => [(timeMs - START) / MINUTE, value]),
    [31, 32, 33, 34, 35].map((minute) => [minute, 1]),
  );
});

test('between two samples five minutes apart the score and the alarm hold, and end when the next is overdue', () => {
  let value = 50;
  const { pass, status } = evaluated((fromMs) =>
    (fromMs - START) % (5 * MINUTE) === 0 && !Number.isNaN(value) ? [[fromMs + 7 * SECOND, value]] : [],
  );
  pass(30);
  value = 100;
  pass(1);
  for (let minute = 1; minute < 30; minute++) {
    const [score] = named(pass(1), 'm_anomaly_score');
    assert.ok(Number(score?.value) > 1, `minute ${minute}`);
    assert.notEqual(status().alarm, undefined);
  }
  value = Number.NaN;
  assert.ok(named(pass(5), 'm_anomaly_score').length > 0);
  pass(5);
  assert.deepEqual(named(pass(1), 'm_anomaly_score'), []);
  assert.equal(status().alarm, undefined);
});

for (const minutes of [10, 15]) {
  test(`a series that is sampled every ${minutes} minutes does not end between two samples`, () => {
    let value = 50;
    const { pass, series } = evaluated((fromMs) =>
      (fromMs - START) % (minutes * MINUTE) === 0 ? [[fromMs + 7 * SECOND, value]] : [],
    );
    pass(4 * minutes);
    value = 100;
    const written = pass(4 * minutes);
    assert.equal(written.filter(({ value }) => value === 'stale').length, 0);
    assert.equal(named(written, 'm_anomaly_score').filter((sample) => Number(sample.value) > 1).length, 4 * minutes);
    assert.equal(series.missing, undefined);
  });
}

test('a series on the boundary of its steps holds too', () => {
  let value = 50;
  const { pass } = evaluated((fromMs) => ((fromMs - START) % (5 * MINUTE) === 0 ? [[fromMs + MINUTE, value]] : []));
  pass(30);
  value = 100;
  pass(6);
  assert.equal(named(pass(20), 'm_anomaly_score').filter((sample) => Number(sample.value) > 1).length, 20);
});

test('a series that goes on with NaN has no score, does not end and is not missing', () => {
  let value = 50;
  const { pass, status, series } = evaluated((fromMs) => every15s(fromMs, 0, value));
  pass(20);
  value = Number.NaN;
  pass(2);
  assert.deepEqual(named(pass(30), 'm_anomaly_score'), []);
  assert.equal(status().state, 'forecasting');
  assert.equal(series.missing, undefined);
});

test('a series that is on time again is taken for late no longer', () => {
  let lagMs = 3 * MINUTE;
  const { pass, series, store } = evaluated((fromMs) => every15s(fromMs, lagMs, 50));
  pass(30);
  assert.ok(isLate(series));
  lagMs = 0;
  pass(60);
  assert.ok(!isLate(series));
  assert.equal(latenessMs(store, series), 0);
});
