import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { expectAt } from '#src/engine/expectation/expectation.js';
import { registerCoverageMetrics } from '#src/engine/scoring/coverage-metrics.js';
import { StepScorer } from '#src/engine/scoring/step-scorer.js';
import type { TrackedSeries } from '#src/engine/series/tracked-series.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { MINUTE, START, storeWith, trackedAround } from '../fixture.js';

const DAY_STEPS = 1440;

/** Values around 50 of which about one in ten is far off. */
const valueAt = (step: number) => 50 + (step % 2 === 0 ? 1 : -1) * (step % 11 === 3 ? 30 : 1);

/** A series that lived so many steps, and what a naive count makes of it: each step beside the interval as it stood before. */
function lived(steps: number, ruleYaml = 'step: 1m') {
  const source = storeWith('m', ruleYaml);
  source.append(START - MINUTE / 2, 50);
  const series = trackedAround(50, source.settings);
  series.fittedUntilMs = START;
  const scorer = new StepScorer(source.store);
  const counts: { within: boolean; step: number }[] = [];
  for (let step = 0; step < steps; step++) {
    const middleMs = START + (step + 0.5) * MINUTE;
    if (step % 17 === 5) {
      scorer.score(series, middleMs + MINUTE / 2);
      continue;
    }
    const interval = new Float64Array(3);
    expectAt(source.store, series, middleMs, interval);
    const [, lower, upper] = interval;
    const within = valueAt(step) >= lower! && valueAt(step) <= upper!;
    source.append(middleMs, valueAt(step));
    scorer.score(series, middleMs + MINUTE / 2);
    counts.push({ within, step });
  }
  const weight = (i: number) => 2 ** (-(counts.length - 1 - i) / DAY_STEPS);
  const sum = (chosen: (count: { within: boolean }) => boolean) =>
    counts.reduce((total, count, i) => total + (chosen(count) ? weight(i) : 0), 0);
  return { ...source, series, ratio: sum(({ within }) => within) / sum(() => true) };
}

async function metrics(store: SeriesStore, series: readonly TrackedSeries[]): Promise<string[]> {
  const registry = new Registry();
  registerCoverageMetrics(
    registry,
    () => series,
    ({ id }) => store.rule(id),
  );
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith('sentio_'));
}

test('the coverage of an interval is what a naive count of the last steps says', async () => {
  const { series, store, ratio } = lived(4000);
  assert.ok(ratio > 0.8 && ratio < 0.999, `an interval with something outside: ${ratio}`);
  assert.ok(Math.abs(series.coverage.ratio - ratio) < 1e-5, `${series.coverage.ratio} for ${ratio}`);
  const [coverage, nominal] = await metrics(store, [series]);
  assert.ok(Math.abs(Number(coverage!.split(' ')[1]) - ratio) < 1e-5, coverage);
  assert.match(coverage!, /^sentio_interval_coverage_ratio\{rule="test"\}/);
  assert.equal(nominal, 'sentio_interval_nominal_ratio{rule="test"} 0.99');
});

test('a rule has no coverage while fewer than a hundred steps were counted', async () => {
  const { series, store } = lived(90);
  assert.equal(series.coverage.ratio, Number.NaN);
  assert.deepEqual(await metrics(store, [series]), ['sentio_interval_nominal_ratio{rule="test"} 0.99']);
  const together = await metrics(store, [series, series]);
  assert.match(together[0]!, /^sentio_interval_coverage_ratio\{rule="test"\} 0\.\d+$/);
});

test('steps that the model may have seen are not counted', () => {
  const { append, settings, store } = storeWith('m', 'step: 1m');
  const series = trackedAround(50, settings);
  const scorer = new StepScorer(store);
  append(START + MINUTE / 2, 50);
  series.fittedUntilMs = START + MINUTE / 2;
  scorer.score(series, START + MINUTE);
  assert.equal(series.coverage.steps, 0);
  append(START + 1.5 * MINUTE, 50);
  scorer.score(series, START + 2 * MINUTE);
  assert.equal(series.coverage.steps, 1);
});

test('coverage of another interval_width is forgotten', async () => {
  const { series } = lived(300);
  const wide = lived(300, 'step: 1m\n    prophet: {interval_width: 0.5}');
  assert.deepEqual(await metrics(wide.store, [series]), ['sentio_interval_nominal_ratio{rule="test"} 0.5']);
  series.coverage.learn(1, 0, 2, 0.5, MINUTE);
  assert.equal(series.coverage.steps, 1);
});
