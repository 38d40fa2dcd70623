import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProphetStanData } from '@bsull/augurs/prophet';
import { Prophet } from '@bsull/augurs/prophet';
import { designFit } from '#src/forecast/design/design.js';
import '#src/forecast/fit/augurs.js';
import { fourierColumns } from '#src/forecast/design/fourier.js';
import { chooseSeasonalities, DAY_MS } from '#src/forecast/design/seasonality.js';
import type { ProphetSettings } from '#src/model/settings/settings.js';
import { HOUR, MINUTE, prophetSettings } from '../../fixtures.js';
import { makeSamples, serverLoad } from '../series.js';

/** Spans just short of and at the limits, and steps: [step, number of values, what Prophet turns on by itself]. */
const automatic: [number, number, string[]][] = [
  [MINUTE, 2 * 24 * 60, []],
  [MINUTE, 2 * 24 * 60 + 1, ['daily']],
  [HOUR, 14 * 24, ['daily']],
  [HOUR, 14 * 24 + 1, ['weekly', 'daily']],
  [DAY_MS, 15, ['weekly']],
  [7 * DAY_MS, 104, []],
  [7 * DAY_MS, 106, ['yearly']],
  [DAY_MS, 732, ['yearly', 'weekly']],
];

describe('chooseSeasonalities()', () => {
  const names = (length: number, stepMs: number, settings: Partial<ProphetSettings> = {}) =>
    chooseSeasonalities(makeSamples(length, stepMs, () => 0).timesMs, prophetSettings(settings)).map(
      ({ name, fourierOrder }) => `${name} ${fourierOrder}`,
    );

  for (const [stepMs, length, want] of automatic) {
    test(`turns on [${want}] for ${length} values ${stepMs / 1000} s apart`, () => {
      const orders = { yearly: 10, weekly: 3, daily: 4 };
      assert.deepEqual(
        names(length, stepMs),
        want.map((name) => `${name} ${orders[name as keyof typeof orders]}`),
      );
    });
  }

  const daily = { name: 'daily', periodMs: DAY_MS, fourierOrder: 9, priorScale: 1, mode: 'additive' } as const;
  const overrides: [string, Partial<ProphetSettings>, string[]][] = [
    ['off', { weeklySeasonality: false, dailySeasonality: false }, []],
    ['an order', { weeklySeasonality: false, dailySeasonality: 6 }, ['daily 6']],
    ['order 0', { weeklySeasonality: false, dailySeasonality: 0 }, []],
    ['on against the span', { weeklySeasonality: true }, ['weekly 3', 'daily 4']],
    ['auto yields to one of its name', { seasonalities: [daily] }, ['daily 9']],
    ['an order replaces one of its name', { seasonalities: [daily], dailySeasonality: 2 }, ['daily 2']],
  ];
  for (const [name, settings, want] of overrides) {
    test(`${name}: [${want}]`, () => {
      assert.deepEqual(names(24 * 5, HOUR, settings), want);
    });
  }
});

describe("designFit() prepares what augurs' Prophet hands to Stan", () => {
  const cases: [string, number, Partial<ProphetSettings>][] = [
    ['defaults', 24 * 15, {}],
    ['an odd number of values', 997, {}],
    ['half-way positions of changepoints', 51, { nChangepoints: 20, changepointRange: 1 }],
    ['many changepoints', 500, { nChangepoints: 200, changepointRange: 0.95 }],
    ['more changepoints than samples', 50, { nChangepoints: 60 }],
    ['no changepoints', 500, { nChangepoints: 0 }],
    ['one changepoint', 500, { nChangepoints: 1 }],
  ];
  for (const [name, length, changes] of cases) {
    test(name, () => {
      const samples = serverLoad(length);
      const settings = prophetSettings(changes);
      const design = designFit(samples, settings);
      const data = captureStanData(samples, settings);
      assert.deepEqual(Array.from(design.changepoints), data.t_change);
      assert.deepEqual(
        Array.from(samples.values, (value) => value / design.yScale),
        data.y,
      );
      assert.deepEqual(
        Array.from(samples.timesMs, (time) => (time - design.startMs) / design.spanMs),
        data.t,
      );
      // Up to the rounding of augurs' angles, days since 1970 times 2π; augurs has its seasonalities in any order.
      const rows = data.X as unknown as number[][];
      const ours = design.seasonalities.flatMap((seasonality) => fourierColumns(samples.timesMs, seasonality));
      assert.equal(data.K, ours.length);
      for (const column of ours) {
        const isTheirs = (j: number) => rows.every((row, i) => Math.abs(row[j]! - column[i]!) < 1e-9);
        assert.equal(data.sigmas.filter((_, j) => isTheirs(j)).length, 1);
      }
    });
  }
});

/** What augurs makes of the samples. */
function captureStanData(samples: ReturnType<typeof serverLoad>, settings: ProphetSettings): ProphetStanData {
  let data: ProphetStanData | undefined;
  const model = new Prophet({
    optimizer: {
      optimize(_init, dataJson) {
        data = JSON.parse(dataJson);
        throw new Error('seen enough');
      },
    },
    nChangepoints: settings.nChangepoints,
    changepointRange: settings.changepointRange,
  });
  const ds = Array.from(samples.timesMs, (timeMs) => timeMs / 1000);
  assert.throws(() => model.fit({ ds, y: samples.values }), /seen enough/);
  return data!;
}
