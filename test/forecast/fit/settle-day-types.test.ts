import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockOf } from '#src/calendar/season-clock.js';
import { timeZone } from '#src/calendar/time-zone.js';
import { TimeGrid } from '#src/forecast/design/time-grid.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { settleDayTypes } from '#src/forecast/fit/settle-day-types.js';
import { components, evaluate, evaluateAt } from '#src/forecast/model/evaluate.js';
import type { Samples } from '#src/model/samples/columns.js';
import { DAY, HOUR, prophetSettings } from '../../fixtures.js';
import { makeSamples, serverLoad } from '../series.js';

const auto = prophetSettings({ dayTypes: 'auto' });
const weekend = prophetSettings({ dayTypes: 'weekend', optimizer: 'exact' });

/** Half-hourly load of an office that rests at weekends of this zone; from a Thursday on. */
function officeLoad(days: number, zone = 'UTC'): Samples {
  const samples = makeSamples(days * 48, HOUR / 2, (_, random) => 2 * random());
  samples.timesMs.forEach((timeMs, i) => {
    const localMs = timeZone(zone).toLocal(timeMs);
    const hour = (localMs % DAY) / HOUR;
    const isWeekend = [0, 6].includes(new Date(localMs).getUTCDay());
    samples.values[i]! += isWeekend ? 20 : 20 + 60 * Math.max(0, Math.sin(((hour - 7) / 11) * Math.PI));
  });
  return samples;
}

test('settleDayTypes() tells weekends from weekdays where that forecasts the last week better', () => {
  assert.equal(settleDayTypes(officeLoad(15), auto, undefined).dayTypes, 'weekend');
  assert.equal(settleDayTypes(serverLoad(24 * 15, 2), auto, undefined).dayTypes, false);
});

test('settleDayTypes() tells them apart by two weeks at least', () => {
  assert.equal(settleDayTypes(officeLoad(13), auto, undefined).dayTypes, false);
  assert.equal(settleDayTypes(officeLoad(1), auto, undefined).dayTypes, false);
  const none = { timesMs: new Float64Array(0), values: new Float64Array(0) };
  assert.equal(settleDayTypes(none, auto, undefined).dayTypes, false);
});

test('settleDayTypes() keeps what was decided before, and settings that leave nothing to decide', () => {
  const clock = new Float64Array(0);
  assert.equal(settleDayTypes(officeLoad(15), auto, { clock, hasDayTypes: false }).dayTypes, false);
  assert.equal(settleDayTypes(serverLoad(24), auto, { clock, hasDayTypes: true }).dayTypes, 'weekend');
  assert.equal(settleDayTypes(officeLoad(15), weekend, undefined), weekend);
});

test('each kind of day has a season of its own, and all but weekdays a level', () => {
  const { model } = fitProphet(officeLoad(15), weekend);
  assert.deepEqual(
    model.seasonalities.map(({ name, weekdays, hasLevel }) => [name, weekdays, hasLevel]),
    [
      ['weekly', 0, false],
      ['daily_weekday', 0b0111110, false],
      ['daily_weekend', 0b1000001, true],
    ],
  );
  const three = fitProphet(officeLoad(15), { ...weekend, dayTypes: 'saturday_sunday' }).model.seasonalities;
  assert.deepEqual(
    three.map(({ name }) => name),
    ['weekly', 'daily_weekday', 'daily_saturday', 'daily_sunday'],
  );
});

test('a weekend begins at midnight by the clock of the zone, at once', () => {
  const zone = 'America/Los_Angeles';
  const samples = officeLoad(22, zone);
  const clock = clockOf(timeZone(zone), samples.timesMs[0]!, samples.timesMs.at(-1)!);
  const { model } = fitProphet(samples, weekend, { calendar: { clock } });
  const { yhat } = evaluate(model, samples.timesMs, { intervalWidth: 0.9 });
  const errors = yhat.map((expected, i) => Math.abs(expected - samples.values[i]!));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  assert.ok(mean < 2.5, `mean error ${mean}`);
  const out = new Float64Array(3);
  samples.timesMs.forEach((timeMs, i) => {
    evaluateAt(model, timeMs, 0.9, out);
    assert.ok(Math.abs(out[0]! - yhat[i]!) < 1e-9);
  });
});

test('the exact optimizer is no worse than Stan with kinds of days', () => {
  const samples = officeLoad(15);
  const stan = fitProphet(samples, { ...weekend, optimizer: 'stan' });
  const exact = fitProphet(samples, weekend);
  assert.equal(stan.optimizer, 'stan');
  assert.ok(exact.objective <= stan.objective + 1e-6, `${exact.objective}, Stan's ${stan.objective}`);
  assert.ok(exact.objective > stan.objective - 10, `${exact.objective}, Stan's ${stan.objective}`);
});

test('a season of its own on Sundays alone is nothing on other days', () => {
  const peak = { name: 'peak', periodMs: DAY, fourierOrder: 2, priorScale: 10, mode: 'additive', weekdays: 1 } as const;
  const { model } = fitProphet(serverLoad(24 * 15), prophetSettings({ seasonalities: [peak] }));
  const noons = Float64Array.from({ length: 7 }, (_, day) => model.firstMs + (day + 0.5) * DAY);
  const { values } = components(model, noons).seasonalities.find(({ name }) => name === 'peak')!;
  // From a Thursday on.
  assert.deepEqual(
    [...values].map((value) => value !== 0),
    [false, false, false, true, false, false, false],
  );
});

test('settleDayTypes() decides the same on a grid that others used before', () => {
  const office = officeLoad(15);
  const grid = new TimeGrid(office.timesMs);
  const flat = { timesMs: office.timesMs, values: office.values.map((_, i) => Math.sin(i * 12.9898)) };
  for (const [samples, want] of [
    [flat, false],
    [office, 'weekend'],
    [flat, false],
  ] as const)
    assert.equal(settleDayTypes(samples, auto, undefined, grid).dayTypes, want);
  const split = office.timesMs.length - 7 * 48;
  assert.equal(grid.part(0, split), grid.part(0, split));
  assert.deepEqual(grid.part(split, office.timesMs.length).timesMs, office.timesMs.subarray(split));
});
