import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluationSchedule } from '#src/engine/publish/evaluation-schedule.js';
import { publishedSeries } from '#src/engine/publish/published-series.js';
import { Publisher } from '#src/engine/publish/publisher.js';
import { StepScorer } from '#src/engine/scoring/step-scorer.js';
import { quantitySuffix } from '#src/model/settings/synthetic.js';
import { MINUTE, SECOND } from '../../fixtures.js';
import { RecordingWriter, START, storeWith, trackedAround } from '../fixture.js';

/** Names of what is written of one source in two evaluations (a gauge is in alarm in these, a counter is not), and of what is ended after them. */
function writtenAndEnded(name: string, ruleYaml: string) {
  const { store, append, settings } = storeWith(name, ruleYaml);
  const writer = new RecordingWriter();
  const scorer = new StepScorer(store);
  const publisher = new Publisher(store, writer);
  const series = trackedAround(0, settings);
  for (let n = 1; n <= 6; n++) append(START + n * 20 * SECOND, 1000 + n);
  for (const evaluationMs of [START + MINUTE, START + 2 * MINUTE]) {
    publisher.publish(series, scorer.score(series, evaluationMs), evaluationMs, evaluationSchedule(settings));
  }
  const names = publishedSeries(series.published!, series.publishedKind, store.observedSuffix(0)).map(
    ({ suffix, extra }) => name + suffix + (extra === undefined ? '' : `{${extra.name}="${extra.value}"}`),
  );
  const written = writer.take();
  publisher.end(series, START + 2 * MINUTE + 10 * SECOND);
  const ended = writer.take();
  assert.ok(written.every(({ value }) => value !== 'stale') && ended.every(({ value }) => value === 'stale'));
  return {
    quantity: quantitySuffix(store.aggregate(0)),
    table: names.sort(),
    written: [...new Set(written.map((sample) => sample.name))].sort(),
    ended: ended.map((sample) => sample.name).sort(),
    endedAfterMs: Object.fromEntries(ended.map((sample) => [sample.name, sample.timeMs - START - 2 * MINUTE])),
  };
}

for (const { name, quantity, count } of [
  { name: 'm', quantity: '', count: 3 * 3 + 2 },
  { name: 'requests_total', quantity: '_rate', count: 3 * 3 + 2 },
]) {
  test(`the publisher writes and ends exactly the series of the table, of ${name}`, () => {
    const result = writtenAndEnded(name, 'step: 1m\n    horizons: [1h, 1d]');
    assert.equal(result.quantity, quantity);
    assert.equal(result.table.length, count);
    assert.deepEqual(result.written, result.table);
    assert.deepEqual(result.ended, result.table);
  });
}

test('what is published ends now, and forecasts that are there already right after the last of them', () => {
  const { endedAfterMs } = writtenAndEnded('m', 'step: 1m\n    horizons: [1h]');
  assert.equal(endedAfterMs.m_anomaly_score, 10 * SECOND);
  assert.equal(endedAfterMs['m_yhat{horizon="1h"}'], 10 * SECOND);
  assert.equal(endedAfterMs.m_yhat, MINUTE + 1);
});
