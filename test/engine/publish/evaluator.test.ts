import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { evaluationSchedule } from '#src/engine/publish/evaluation-schedule.js';
import { Evaluator } from '#src/engine/publish/evaluator.js';
import { MINUTE, SECOND } from '../../fixtures.js';
import { RecordingWriter, START, storeWith, trackedAround, type Written } from '../fixture.js';

function publishing(name: string, ruleYaml: string, level: number) {
  const source = storeWith(name, ruleYaml);
  const writer = new RecordingWriter();
  const evaluator = new Evaluator({ store: source.store, writer, registry: new Registry() });
  source.append(START - source.settings.stepMs / 2, level);
  const series = trackedAround(level, source.settings);
  const schedule = evaluationSchedule(source.settings);
  const evaluate = (evaluationMs: number) => {
    evaluator.evaluate(series, evaluationMs, schedule);
    return writer.take();
  };
  return { ...source, evaluator, writer, series, schedule, evaluate };
}

const byName = (written: readonly Written[]) => new Map(written.map((sample) => [sample.name, sample]));

test('an evaluation scores the step that closed and publishes the interval one step ahead', () => {
  const { evaluate } = publishing('m', 'step: 1m', 50);
  const written = byName(evaluate(START));
  assert.deepEqual([...written.keys()].sort(), ['m_anomaly_score', 'm_yhat', 'm_yhat_lower', 'm_yhat_upper']);
  assert.equal(written.get('m_anomaly_score')!.timeMs, START);
  for (const name of ['m_yhat', 'm_yhat_lower', 'm_yhat_upper'])
    assert.equal(written.get(name)!.timeMs, START + MINUTE);
  const [lower, yhat, upper] = ['m_yhat_lower', 'm_yhat', 'm_yhat_upper'].map((name) =>
    Number(written.get(name)!.value),
  );
  assert.ok(Math.abs(yhat! - 50) < 0.5 && lower! < 48.5 && upper! > 51.5, `${lower} ${yhat} ${upper}`);
  assert.ok(Number(written.get('m_anomaly_score')!.value) < 0.5);
});

test('a step outside the interval has a score over 1', () => {
  const { append, evaluate } = publishing('m', 'step: 1m', 50);
  append(START + 30 * SECOND, 80);
  assert.ok(Number(byName(evaluate(START + MINUTE)).get('m_anomaly_score')!.value) > 3);
});

test('of what kind an alarm is is published while it lasts, and then that series is ended', () => {
  const { append, evaluate, series } = publishing('m', 'step: 1m', 50);
  const kinds = (written: readonly Written[]) =>
    written
      .filter(({ name }) => name.includes('_anomaly_kind'))
      .map(({ name, timeMs, value }) => [name, timeMs, value]);
  const name = 'm_anomaly_kind{sentio_kind="value"}';
  assert.deepEqual(kinds(evaluate(START)), []);
  for (const minute of [0, 1]) {
    append(START + (minute + 0.5) * MINUTE, 80);
    const timeMs = START + (minute + 1) * MINUTE;
    assert.deepEqual(kinds(evaluate(timeMs)), [[name, timeMs, 1]]);
  }
  // The same alarm is of another kind by now.
  series.alarms.list = series.alarms.list.map((alarm) => ({ ...alarm, kind: 'stuck' }));
  append(START + 2.5 * MINUTE, 80);
  const changed = START + 3 * MINUTE;
  assert.deepEqual(kinds(evaluate(changed)), [
    [name, changed, 'stale'],
    ['m_anomaly_kind{sentio_kind="stuck"}', changed, 1],
  ]);
  append(START + 3.5 * MINUTE, 50);
  const over = START + 4 * MINUTE;
  assert.deepEqual(kinds(evaluate(over)), [['m_anomaly_kind{sentio_kind="stuck"}', over, 'stale']]);
  append(START + 4.5 * MINUTE, 50);
  assert.deepEqual(kinds(evaluate(START + 5 * MINUTE)), []);
});

test('the kind of an alarm has the severity of its rule, until that series is ended', () => {
  const { append, evaluate } = publishing('m', 'severity: page', 50);
  const kinds = (written: readonly Written[]) => written.filter(({ name }) => name.includes('_anomaly_kind'));
  const name = 'm_anomaly_kind{sentio_kind="value", sentio_severity="page"}';
  append(START + 30 * SECOND, 80);
  assert.deepEqual(kinds(evaluate(START + MINUTE)), [{ name, timeMs: START + MINUTE, value: 1 }]);
  append(START + 90 * SECOND, 50);
  assert.deepEqual(kinds(evaluate(START + 2 * MINUTE)), [{ name, timeMs: START + 2 * MINUTE, value: 'stale' }]);
});

test('the kind of an alarm ends with its source', () => {
  const { append, appendStale, evaluate } = publishing('m', 'step: 1m', 50);
  append(START + 30 * SECOND, 80);
  evaluate(START + MINUTE);
  appendStale(START + 70 * SECOND);
  const ended = byName(evaluate(START + 2 * MINUTE));
  assert.equal(ended.get('m_anomaly_kind{sentio_kind="value"}')?.value, 'stale');
});

test('no kind is published where the rule turns it off', () => {
  const { append, evaluate } = publishing('m', 'anomaly: {publish_kind: false}', 50);
  append(START + 30 * SECOND, 80);
  const written = byName(evaluate(START + MINUTE));
  assert.deepEqual([...written.keys()].sort(), ['m_anomaly_score', 'm_yhat', 'm_yhat_lower', 'm_yhat_upper']);
});

test('a step without a value has no score, and an interval all the same', () => {
  const { evaluate } = publishing('m', 'step: 1m', 50);
  evaluate(START);
  assert.deepEqual(
    evaluate(START + MINUTE).map(({ name }) => name),
    ['m_yhat', 'm_yhat_lower', 'm_yhat_upper'],
  );
});

test('no timestamp is published twice, also when the clock is set back', () => {
  const { append, writer, evaluator, series, schedule } = publishing('m', 'step: 1m', 50);
  const evaluationsMs = [0, 1, 2, 1, 0, 2, 3, 10, 4, 11].map((n) => START + n * MINUTE);
  for (const evaluationMs of evaluationsMs) {
    append(evaluationMs - 30 * SECOND, 50);
    evaluator.evaluate(series, evaluationMs, schedule);
  }
  const seen = new Map<string, number>();
  for (const { name, timeMs } of writer.written) {
    assert.ok(timeMs > (seen.get(name) ?? 0), `${name} at ${timeMs}`);
    seen.set(name, timeMs);
  }
});

test('a step over 4 minutes is published in parts: the interval at each, the last score repeated', () => {
  const { append, evaluate } = publishing('m', 'step: 10m', 50);
  for (const minute of [2, 5, 8, 12]) append(START + minute * MINUTE, 60);
  const parts = [evaluate(START), ...[1, 2, 3, 4].map((n) => evaluate(START + n * (10 / 3) * MINUTE))].map(byName);
  const scores = parts.map((part) => Number(part.get('m_anomaly_score')!.value));
  assert.deepEqual([scores[1], scores[2]], [scores[0], scores[0]], 'repeated until the step closes');
  assert.ok(scores[3]! > 1 && scores[4] === scores[3], 'then that of the step that closed');
  const stamps = parts.map((part) => part.get('m_yhat')!.timeMs - START);
  assert.deepEqual(stamps, [200_000, 400_000, 600_000, 800_000, 1_000_000]);
});

test('what is published of a source is ended, once, when the source ends', () => {
  const { append, appendStale, evaluate } = publishing('m', 'step: 1m', 50);
  append(START + 30 * SECOND, 50);
  const last = byName(evaluate(START + MINUTE));
  appendStale(START + 70 * SECOND);
  const ending = evaluate(START + 2 * MINUTE);
  assert.deepEqual(ending.map(({ name }) => name).sort(), [
    'm_anomaly_score',
    'm_yhat',
    'm_yhat_lower',
    'm_yhat_upper',
  ]);
  for (const { name, timeMs, value } of ending) {
    assert.equal(value, 'stale', name);
    assert.ok(timeMs > last.get(name)!.timeMs, `${name} ends after its last sample`);
  }
  assert.deepEqual(evaluate(START + 3 * MINUTE), [], 'nothing more');
  append(START + 3.5 * MINUTE, 50);
  assert.equal(
    byName(evaluate(START + 4 * MINUTE)).get('m_yhat')!.timeMs,
    START + 5 * MINUTE,
    'and it goes on when the source does',
  );
});

test('a series that has been silent for longer than PromQL looks back is ended', () => {
  const { evaluate } = publishing('m', 'step: 1m', 50);
  evaluate(START);
  assert.notEqual(evaluate(START + 4 * MINUTE)[0]!.value, 'stale');
  assert.ok(evaluate(START + 5 * MINUTE).every(({ value }) => value === 'stale'));
});

test('a counter is published under the name of its rate, with the rate that was observed', () => {
  const { append, evaluate } = publishing('requests_total', 'step: 1m', 0);
  append(START + 20 * SECOND, 1000);
  append(START + 40 * SECOND, 1040);
  const written = byName(evaluate(START + MINUTE));
  assert.deepEqual([...written.keys()].sort(), [
    'requests_total_rate_anomaly_kind{sentio_kind="value"}',
    'requests_total_rate_anomaly_score',
    'requests_total_rate_y',
    'requests_total_rate_yhat',
    'requests_total_rate_yhat_lower',
    'requests_total_rate_yhat_upper',
  ]);
  assert.equal(written.get('requests_total_rate_y')!.timeMs, START + MINUTE);
});

test('what is expected at each horizon is stamped now', () => {
  const { evaluate } = publishing('m', 'step: 1m\n    horizons: [1h]', 50);
  const written = byName(evaluate(START));
  for (const suffix of ['', '_lower', '_upper']) {
    assert.equal(written.get(`m_yhat${suffix}{horizon="1h"}`)!.timeMs, START, suffix);
  }
});

test('forecasts are clamped to what the metric can be', () => {
  const { evaluate } = publishing('m', 'step: 1m\n    bounds: {min: 0, max: 1.5}', 1);
  const written = byName(evaluate(START));
  assert.equal(written.get('m_yhat_lower')!.value, 0);
  assert.equal(written.get('m_yhat_upper')!.value, 1.5);
});

test('no counter is expected to run backwards', () => {
  const { evaluate } = publishing('requests_total', 'step: 1m', 1);
  const written = byName(evaluate(START));
  assert.equal(written.get('requests_total_rate_yhat_lower')!.value, 0);
});

test('a series with limits has a score before it has a model, and no forecast', () => {
  const { append, evaluate, series } = publishing('m', 'step: 1m\n    limits: {max: 60}', 50);
  series.model = undefined;
  const shown = (written: readonly Written[]) => written.map(({ name, value }) => [name, value]);
  assert.deepEqual(shown(evaluate(START)), [['m_anomaly_score', 0]]);
  append(START + MINUTE / 2, 61);
  assert.deepEqual(shown(evaluate(START + MINUTE)), [
    ['m_anomaly_score', 2],
    ['m_anomaly_kind{sentio_kind="limit"}', 1],
  ]);
  append(START + 1.5 * MINUTE, 60);
  assert.deepEqual(shown(evaluate(START + 2 * MINUTE)), [
    ['m_anomaly_score', 0],
    ['m_anomaly_kind{sentio_kind="limit"}', 'stale'],
  ]);
});
