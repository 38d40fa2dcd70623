import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleCalendar } from '#src/calendar/rule-calendar.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { components, evaluate, evaluateAt } from '#src/forecast/model/evaluate.js';
import { readModel } from '#src/forecast/model/fitted-model.js';
import type { FitCalendar } from '#src/model/samples/fit-calendar.js';
import { DAY, HOUR, prophetSettings } from '../../fixtures.js';
import { makeSamples } from '../series.js';

const DAYS = 40;
/** Of the history the 10th, 20th and 30th day; the 40th is the one after it. */
const PROMOTIONS = [10, 20, 30, DAYS];
const RISE = 30;

const isPromotion = (timeMs: number, startMs: number) => PROMOTIONS.includes(Math.floor((timeMs - startMs) / DAY));

/** Hourly load that is 30 higher on days of promotions. */
function shop() {
  const samples = makeSamples(DAYS * 24, HOUR, (i, random) => 50 + 10 * Math.sin((i / 12) * Math.PI) + random());
  const startMs = samples.timesMs[0]!;
  samples.timesMs.forEach((timeMs, i) => {
    if (isPromotion(timeMs, startMs)) samples.values[i]! += RISE;
  });
  return { samples, startMs };
}

function calendarOf(startMs: number, priorScale?: number): FitCalendar {
  const days = PROMOTIONS.map((day) => {
    const date = new Date(startMs + day * DAY).toISOString().slice(0, 10);
    return { name: 'promotion', from: date, to: date };
  });
  const meaning = { kind: 'learn', ...(priorScale !== undefined && { priorScale }) } as const;
  const specialDays = [{ calendar: { name: 'c', days }, meaning, beforeMs: DAY, afterMs: 0 }];
  return new RuleCalendar({ timezone: 'UTC', specialDays }).forFit(startMs, startMs + 60 * DAY);
}

const SETTINGS = prophetSettings({ holidaysPriorScale: 10 });

test('the effect of a day that is learnt is expected on the next one, and on no other', () => {
  const { samples, startMs } = shop();
  const calendar = calendarOf(startMs);
  const { model } = fitProphet(samples, SETTINGS, { calendar });
  const plain = fitProphet(samples, SETTINGS).model;
  const at = (day: number) => Float64Array.of(startMs + day * DAY + 12 * HOUR);
  const yhat = (day: number) => evaluate(model, at(day), SETTINGS).yhat[0]!;
  assert.ok(Math.abs(yhat(DAYS) - yhat(DAYS + 1) - RISE) < 1, `${yhat(DAYS)} after ${yhat(DAYS + 1)}`);
  assert.ok(Math.abs(yhat(30) - yhat(31) - RISE) < 1);
  assert.ok(
    evaluate(plain, at(DAYS), SETTINGS).yhat[0]! < yhat(DAYS) - 0.8 * RISE,
    'without it the day is expected to be like others',
  );
  const parts = components(model, at(DAYS)).seasonalities;
  const effect = parts.find(({ name }) => name === 'promotion')!.values[0]!;
  assert.ok(Math.abs(effect - RISE) < 1, `${effect}`);
  assert.deepEqual(
    [...parts.find(({ name }) => name === 'promotion_-1')!.values],
    [0],
    'the day before is another column',
  );
});

test('a small prior scale holds the effect back', () => {
  const { samples, startMs } = shop();
  const effect = (priorScale: number) => {
    const { model } = fitProphet(samples, SETTINGS, { calendar: calendarOf(startMs, priorScale) });
    const parts = components(model, Float64Array.of(startMs + DAYS * DAY)).seasonalities;
    return parts.find(({ name }) => name === 'promotion')!.values[0]!;
  };
  assert.ok(effect(0.002) < 0.5 * effect(10), `${effect(0.002)} of ${effect(10)}`);
});

test('evaluateAt(), evaluate() and components() agree, also of a model that was stored', () => {
  const { samples, startMs } = shop();
  for (const holidaysMode of ['additive', 'multiplicative'] as const) {
    const { model } = fitProphet(samples, { ...SETTINGS, holidaysMode }, { calendar: calendarOf(startMs) });
    const { data } = model;
    const stored = readModel(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))!;
    const timesMs = Float64Array.from({ length: 480 }, (_, i) => startMs + 28 * DAY + i * HOUR);
    const { yhat } = evaluate(stored, timesMs, SETTINGS);
    const { trend, seasonalities } = components(stored, timesMs);
    const out = new Float64Array(3);
    timesMs.forEach((timeMs, i) => {
      evaluateAt(model, timeMs, 0.8, out);
      const sum = seasonalities.reduce((total, { values }) => total + values[i]!, trend[i]!);
      assert.ok(Math.abs(out[0]! - yhat[i]!) < 1e-9, `${holidaysMode} at ${i}`);
      assert.ok(Math.abs(sum - yhat[i]!) < 1e-9, `${holidaysMode} parts at ${i}`);
    });
  }
});

test('Stan fits holidays and changepoints of one’s own no better than the exact optimizer', () => {
  const { samples, startMs } = shop();
  const calendar = calendarOf(startMs);
  const settings = { ...SETTINGS, changepointsMs: [5, 17, 30].map((day) => startMs + day * DAY) };
  const exact = fitProphet(samples, { ...settings, optimizer: 'exact' }, { calendar });
  const stan = fitProphet(samples, { ...settings, optimizer: 'stan' }, { calendar });
  assert.equal(stan.optimizer, 'stan');
  assert.ok(exact.objective <= stan.objective + 1e-6, `${exact.objective} and ${stan.objective}`);
  const yhat = ({ model }: typeof exact) => evaluate(model, samples.timesMs, SETTINGS).yhat;
  const [a, b] = [yhat(exact), yhat(stan)];
  assert.ok(a.every((value, i) => Math.abs(value - b[i]!) < 2));
});

test('columns without a sample cost nothing, and a history that is too short has none', () => {
  const { samples, startMs } = shop();
  const firstDays = (count: number) => ({
    timesMs: samples.timesMs.subarray(0, count),
    values: samples.values.subarray(0, count),
  });
  const names = (count: number) =>
    fitProphet(firstDays(count), SETTINGS, { calendar: calendarOf(startMs) }).model.seasonalities.map(
      ({ name }) => name,
    );
  assert.deepEqual(names(5 * 24), ['daily']);
  assert.deepEqual(names(10 * 24), ['daily', 'promotion_-1']);
  const few = fitProphet(
    { timesMs: samples.timesMs.filter((_, i) => i % 96 === 0), values: samples.values.filter((_, i) => i % 96 === 0) },
    { ...SETTINGS, yearlySeasonality: true },
    { calendar: calendarOf(startMs) },
  );
  assert.deepEqual(few.model.seasonalities, []);
});

test('of more holidays than a fit can take the first are learnt, and a warning says so', () => {
  const { samples, startMs } = shop();
  const holidays = Array.from({ length: 201 }, (_, i) => ({
    name: `day${i}`,
    spans: Float64Array.of(startMs + i * HOUR, startMs + (i + 1) * HOUR),
  }));
  const calendar = { clock: new Float64Array(0), holidays };
  const { model, warnings } = fitProphet(samples, SETTINGS, { calendar });
  const learnt = model.seasonalities.filter(({ spans }) => spans !== undefined);
  assert.deepEqual([learnt.length, learnt.at(-1)?.name], [200, 'day199']);
  assert.deepEqual(warnings, ['201 columns of holidays: only 200 are learnt']);
});
