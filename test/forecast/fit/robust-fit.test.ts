import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GridCache } from '#src/forecast/design/grid-cache.js';
import { fitRobustly } from '#src/forecast/fit/robust-fit.js';
import { evaluate } from '#src/forecast/model/evaluate.js';
import type { ProphetSettings } from '#src/model/settings/settings.js';
import { HOUR, prophetSettings } from '../../fixtures.js';
import { makeSamples, serverLoad } from '../series.js';

const limited = prophetSettings({ outliers: 'limit' });

test('fitRobustly() learns less than half of an incident, unless it is told to learn it', () => {
  const calm = makeSamples(24 * 7, HOUR, (_, random) => 100 + random());
  const values = calm.values.map((value, i) => (i >= 100 && i < 106 ? value + 500 : value));
  const expected = (prophet: ProphetSettings) => {
    const { model } = fitRobustly({ timesMs: calm.timesMs, values }, prophet);
    // The same hour a day later.
    return evaluate(model, calm.timesMs.subarray(127, 128), { intervalWidth: 0.9 }).yhat[0]!;
  };
  const distances = [limited, prophetSettings({ outliers: 'learn' })].map((prophet) =>
    Math.abs(expected(prophet) - 100.5),
  );
  assert.ok(distances[0]! < distances[1]! / 2 && distances[1]! > 50, `off by ${distances}`);
});

test('fitRobustly() gives every series the same model on a grid of many as on its own', () => {
  const grids = new GridCache();
  const cases: [name: string, prophet: ProphetSettings, hours: number, gap: boolean][] = [
    ['as it comes', limited, 24 * 15, false],
    ['another series on the same buckets', limited, 24 * 15, false],
    ['other seasonalities', prophetSettings({ weeklySeasonality: false }), 24 * 15, false],
    ['another number of changepoints', prophetSettings({ nChangepoints: 7 }), 24 * 15, false],
    ['changepoints up to another end', prophetSettings({ changepointRange: 0.5 }), 24 * 15, false],
    ['multiplicative', prophetSettings({ seasonalityMode: 'multiplicative' }), 24 * 15, false],
    ['additive after multiplicative', limited, 24 * 15, false],
    ['flat', prophetSettings({ growth: 'flat' }), 24 * 15, false],
    ['a longer history', limited, 24 * 20, false],
    ['a gap', limited, 24 * 15, true],
  ];
  cases.forEach(([name, prophet, hours, gap], seed) => {
    const whole = serverLoad(hours, 2, seed);
    const { timesMs, values } = gap
      ? { timesMs: whole.timesMs.filter((_, i) => i % 90 > 3), values: whole.values.filter((_, i) => i % 90 > 3) }
      : whole;
    const shared = fitRobustly({ timesMs, values }, prophet, { grid: grids.gridOf(timesMs) });
    assert.deepEqual(shared.model.data, fitRobustly({ timesMs, values }, prophet).model.data, name);
  });
});

test('GridCache keeps the grids of the last few times, and no more', () => {
  const grids = new GridCache();
  const times = Array.from({ length: 5 }, (_, i) => Float64Array.of(0, 1, 2 + i));
  const first = grids.gridOf(times[0]!);
  assert.equal(grids.gridOf(times[0]!.slice()), first);
  for (const timesMs of times.slice(1, 4)) grids.gridOf(timesMs);
  assert.equal(grids.gridOf(times[0]!), first, 'it was used last again');
  for (const timesMs of times.slice(1)) grids.gridOf(timesMs);
  assert.notEqual(grids.gridOf(times[0]!), first);
});
