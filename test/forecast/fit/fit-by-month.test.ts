import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEAN_MONTH_MS } from '#src/calendar/months.js';
import { clockOf } from '#src/calendar/season-clock.js';
import { timeZone } from '#src/calendar/time-zone.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { components, evaluate, evaluateAt } from '#src/forecast/model/evaluate.js';
import { readModel } from '#src/forecast/model/fitted-model.js';
import { DAY, HOUR, prophetSettings } from '../../fixtures.js';
import { makeSamples } from '../series.js';

/** Six-hourly load from 1 January 2026 that doubles on the last two days and the first of each month of a zone. */
function billing(days: number, zone: string) {
  const samples = makeSamples(days * 4, 6 * HOUR, (_, random) => 50 + 2 * random());
  const shiftMs = Date.UTC(2026, 0, 1) - samples.timesMs[0]!;
  samples.timesMs.forEach((timeMs, i) => {
    samples.timesMs[i] = timeMs + shiftMs;
    if (isBilling(timeMs + shiftMs, zone)) samples.values[i]! += 50;
  });
  return samples;
}

function isBilling(timeMs: number, zone: string): boolean {
  const local = new Date(timeZone(zone).toLocal(timeMs));
  const toEnd =
    new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate() - local.getUTCDate();
  return local.getUTCDate() === 1 || toEnd < 2;
}

const season = {
  name: 'monthly',
  periodMs: MEAN_MONTH_MS,
  fourierOrder: 10,
  priorScale: 10,
  mode: 'additive',
} as const;
const MONTHLY = prophetSettings({
  dailySeasonality: false,
  weeklySeasonality: false,
  seasonalities: [{ ...season, byMonth: true }],
});
/** Prophet's way: a period of as many days in each month. */
const EVEN = prophetSettings({ dailySeasonality: false, weeklySeasonality: false, seasonalities: [season] });

for (const zone of ['UTC', 'Pacific/Auckland']) {
  test(`a season of months expects month's end when it is, whatever the length of the month, in ${zone}`, () => {
    const days = 4 * 30;
    const samples = billing(days, zone);
    const endMs = samples.timesMs[0]! + (days + 61) * DAY;
    const calendar = { clock: clockOf(timeZone(zone), samples.timesMs[0]!, endMs) };
    const later = Float64Array.from({ length: 60 * 4 }, (_, i) => samples.timesMs.at(-1)! + (i + 1) * 6 * HOUR);
    const error = (settings: typeof MONTHLY) => {
      const { model } = fitProphet(samples, settings, { calendar });
      const { yhat } = evaluate(model, later, settings);
      return (
        yhat.reduce((sum, value, i) => sum + Math.abs(value - 51 - (isBilling(later[i]!, zone) ? 50 : 0)), 0) /
        yhat.length
      );
    };
    assert.ok(error(MONTHLY) < 5, `${error(MONTHLY)}`);
    assert.ok(error(MONTHLY) < 0.6 * error(EVEN), `${error(MONTHLY)} and ${error(EVEN)}`);
  });
}

test('a model with a season of months is evaluated alike on a grid, at one time, and once it was stored', () => {
  const samples = billing(120, 'UTC');
  const { model } = fitProphet(samples, MONTHLY);
  const { data } = model;
  const stored = readModel(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))!;
  assert.deepEqual(
    stored.seasonalities.map(({ name, byMonth }) => [name, byMonth]),
    [['monthly', true]],
  );
  const { yhat } = evaluate(stored, samples.timesMs, MONTHLY);
  const { trend, seasonalities } = components(stored, samples.timesMs);
  const out = new Float64Array(3);
  samples.timesMs.forEach((timeMs, i) => {
    evaluateAt(model, timeMs, 0.8, out);
    assert.ok(Math.abs(out[0]! - yhat[i]!) < 1e-9);
    assert.ok(Math.abs(trend[i]! + seasonalities[0]!.values[i]! - yhat[i]!) < 1e-9);
  });
});

test('Stan fits a season of months as the exact optimizer does', () => {
  const samples = billing(120, 'UTC');
  const exact = fitProphet(samples, { ...MONTHLY, optimizer: 'exact' });
  const stan = fitProphet(samples, { ...MONTHLY, optimizer: 'stan' });
  assert.ok(exact.objective <= stan.objective + 1e-6, `${exact.objective} and ${stan.objective}`);
});
