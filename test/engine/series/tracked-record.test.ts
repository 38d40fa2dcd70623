import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combinationLayout } from '#src/detect/ahead/combination-layout.js';
import { ForecastCombination } from '#src/detect/ahead/forecast-combination.js';
import { acceptLevel } from '#src/engine/series/level-state.js';
import { restoreTracked, saveTracked } from '#src/engine/series/tracked-record.js';
import { RecordReader, RecordWriter } from '#src/series/snapshot/snapshot-record.js';
import { MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

test('a record brings back what was learnt of a series, its levels and its last alarms', () => {
  const { store, settings, append } = storeWith('m', 'step: 1m');
  append(START, 50);
  const series = trackedAround(50, settings);
  for (let i = 0; i < 40; i++) {
    series.coverage.learn(i, 0, 30, 0.99, MINUTE);
    series.gaps.learn((i + 1) * MINUTE);
  }
  series.alarms.judge(3, { side: -1, kind: 'jump', stepEndMs: START, stepMs: MINUTE });
  series.published = {
    quantity: '_rate',
    horizons: [{ label: '1h', ms: 60 * MINUTE }],
    severity: 'page',
    limits: ['max'],
  };
  series.publishedKind = 'stuck';
  series.futureUntilMs = { '': START, _rate: START + MINUTE };
  series.excludedSpans = [{ fromMs: START - MINUTE, toMs: START }];
  acceptLevel(store, series, { atMs: START, factor: 2, offset: -7, resetsHistory: false }, 1, START + MINUTE);

  for (let i = 0; i < 40; i++) series.excursion.next(1, MINUTE, 120 * MINUTE);

  series.combination = new ForecastCombination(combinationLayout(settings));
  series.combination.state.fill(7);

  const record = new RecordWriter();
  saveTracked(series, record);
  const reader = new RecordReader(record.written);
  const restored = restoreTracked(0, reader, settings.prophet);
  assert.ok(reader.isAtEnd);
  for (const learnt of ['coverage', 'excursion', 'gaps', 'detector', 'calibration'] as const) {
    assert.deepEqual(restored[learnt].state, series[learnt].state, learnt);
  }
  assert.deepEqual(restored.combination?.state, series.combination.state);
  assert.deepEqual(restored.combination?.layout, series.combination.layout);
  assert.ok(series.gaps.usualMs > 0 && series.coverage.within > 0 && series.excursion.lastedMs > 0);
  assert.deepEqual([restored.published, restored.publishedKind], [series.published, 'stuck']);
  assert.deepEqual(restored.futureUntilMs, series.futureUntilMs);
  assert.deepEqual(restored.alarms.list, series.alarms.list);
  assert.deepEqual(restored.levelShifts, series.levelShifts);
  assert.equal(restored.levelAcceptedAtMs, series.levelAcceptedAtMs);
  assert.deepEqual(restored.excludedSpans, series.excludedSpans);
  assert.deepEqual(restored.openShift, series.openShift);
});
