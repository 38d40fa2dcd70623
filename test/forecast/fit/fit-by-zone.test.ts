import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockOf } from '#src/calendar/season-clock.js';
import { timeZone } from '#src/calendar/time-zone.js';
import { TimeGrid } from '#src/forecast/design/time-grid.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { evaluate, evaluateAt, evaluateOn } from '#src/forecast/model/evaluate.js';
import { readModel } from '#src/forecast/model/fitted-model.js';
import { DAY, HOUR, MINUTE, prophetSettings } from '../../fixtures.js';
import { makeSamples, serverLoad } from '../series.js';

const calendarOf = (zone: string) => ({
  clock: clockOf(timeZone(zone), Date.UTC(2023, 10, 1), Date.UTC(2024, 10, 1)),
});

function assertSame(got: Float64Array, want: Float64Array, tolerance: number): void {
  assert.equal(got.length, want.length);
  got.forEach((value, i) => {
    assert.ok(Math.abs(value - want[i]!) < tolerance, `at ${i}: ${value}, not ${want[i]}`);
  });
}

/** Stan stops early, and not always at the same point. */
const fits: readonly { optimizer: 'exact' | 'stan'; tolerance: number }[] = [
  { optimizer: 'exact', tolerance: 1e-4 },
  { optimizer: 'stan', tolerance: 0.5 },
];

for (const { optimizer, tolerance } of fits) {
  test(`a fit by the clock of India is that by UTC of a series five and a half hours later: ${optimizer}`, () => {
    const prophet = prophetSettings({ optimizer });
    const here = serverLoad(24 * 15);
    const ahead = 5.5 * HOUR;
    const later = { timesMs: here.timesMs.map((timeMs) => timeMs + ahead), values: here.values };
    const local = fitProphet(here, prophet, { calendar: calendarOf('Asia/Kolkata') });
    const utc = fitProphet(later, prophet);
    const options = { intervalWidth: 0.9 };
    const got = evaluate(local.model, here.timesMs, options);
    const want = evaluate(utc.model, later.timesMs, options);
    assertSame(got.yhat, want.yhat, tolerance);
    assertSame(got.yhatUpper, want.yhatUpper, tolerance);
    assert.ok(Math.abs(local.objective - utc.objective) < 10 * tolerance, `${local.objective}, ${utc.objective}`);
  });
}

// Chile sets its clock back on 2024-04-07 at 03:00 UTC: half of this history is before, half after.
const CHANGE_MS = Date.UTC(2024, 3, 7, 3);
const chile = timeZone('America/Santiago');
const aroundChange = makeSamples(28 * 24, HOUR, () => 0);
aroundChange.timesMs.forEach((_, i) => {
  const timeMs = CHANGE_MS + (i - 14 * 24) * HOUR;
  aroundChange.timesMs[i] = timeMs;
  aroundChange.values[i] = 50 + 20 * Math.cos(((chile.toLocal(timeMs) - 9 * HOUR) / DAY) * 2 * Math.PI);
});

test('a peak at nine by the local clock is at nine before and after the change, and not smeared', () => {
  const prophet = prophetSettings({ growth: 'flat', optimizer: 'exact' });
  const { model } = fitProphet(aroundChange, prophet, { calendar: calendarOf('America/Santiago') });
  const { yhat } = evaluate(model, aroundChange.timesMs, { intervalWidth: 0.9 });
  assertSame(yhat, aroundChange.values, 0.05);
  const utc = evaluate(fitProphet(aroundChange, prophet).model, aroundChange.timesMs, { intervalWidth: 0.9 });
  assert.ok(Math.abs(utc.yhat[0]! - aroundChange.values[0]!) > 1, 'by UTC it is smeared');
});

test('evaluateAt() and evaluate() are one over a change of the clock, and after the model was stored', () => {
  const calendar = calendarOf('America/Santiago');
  const { model } = fitProphet(aroundChange, prophetSettings(), { calendar });
  assert.deepEqual(model.clock, calendar.clock);
  const stored = readModel(new Uint8Array(model.data.slice().buffer))!;
  const timesMs = Float64Array.from({ length: 300 }, (_, i) => CHANGE_MS + (i - 150) * 7 * MINUTE);
  const { yhat } = evaluate(stored, timesMs, { intervalWidth: 0.9 });
  const out = new Float64Array(3);
  const alone = timesMs.map((timeMs) => {
    evaluateAt(model, timeMs, 0.9, out);
    return out[0]!;
  });
  assertSame(yhat, alone, 1e-9);
});

test('TimeGrid shares the sines of clocks that agree on its times, and of no others', () => {
  const grid = new TimeGrid(Float64Array.from({ length: 100 }, (_, i) => Date.UTC(2024, 0, 10) + i * HOUR));
  const berlin = grid.phases(calendarOf('Europe/Berlin').clock)({ periodMs: DAY });
  assert.equal(grid.phases(calendarOf('Europe/Paris').clock)({ periodMs: DAY }), berlin);
  assert.equal(grid.phases(calendarOf('Europe/Berlin').clock.subarray(0, 3))({ periodMs: DAY }), berlin);
  assert.notEqual(grid.phases(calendarOf('Asia/Kolkata').clock)({ periodMs: DAY }), berlin);
  assert.notEqual(grid.phases()({ periodMs: DAY }), berlin);
});

test('a grid gives each series the forecast of its own zone', () => {
  const samples = serverLoad(24 * 15);
  const grid = new TimeGrid(samples.timesMs);
  for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Europe/Berlin']) {
    const { model } = fitProphet(samples, prophetSettings(), { grid, calendar: calendarOf(zone) });
    const alone = fitProphet(samples, prophetSettings(), { calendar: calendarOf(zone) });
    assert.deepEqual(model.data, alone.model.data, zone);
    assert.deepEqual(
      evaluateOn(model, grid, { intervalWidth: 0.9 }).yhat,
      evaluate(alone.model, samples.timesMs, { intervalWidth: 0.9 }).yhat,
      zone,
    );
  }
});
