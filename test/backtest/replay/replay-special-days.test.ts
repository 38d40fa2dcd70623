import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { parseConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { DAY, HOUR } from '../../fixtures.js';

/*
 * The load of an office, a quarter of it at weekends, that is closed on a Friday: German Unity Day of 2025. The history is three weeks, as much as
 * there usually is: no holiday is in it.
 */

const STEP_MS = HOUR / 6;
const START_MS = Date.parse('2025-09-12T00:00Z');
const HOLIDAY_MS = Date.parse('2025-10-03T00:00Z');

const RULES = `
calendars: [{ name: germany, country: DE }, { name: works, days: [{ name: Stocktaking, date: 10-03 }] }]
rules: [{ name: a, match: [up], refit_interval: 6h, special_days: SPECIAL }]`;

function office(timeMs: number): number {
  const hour = (timeMs % DAY) / HOUR;
  const isWeekend = [0, 6].includes(new Date(timeMs).getUTCDay());
  const isClosed = isWeekend || (timeMs >= HOLIDAY_MS && timeMs < HOLIDAY_MS + DAY);
  return 20 + (isClosed ? 20 : 80) * Math.max(0, Math.sin(((hour - 7) / 11) * Math.PI));
}

function replayWith(specialDays: string) {
  const length = (22.5 * DAY) / STEP_MS;
  const timesMs = Float64Array.from({ length }, (_, i) => START_MS + i * STEP_MS);
  const values = timesMs.map((timeMs, i) => office(timeMs) + 2 * Math.sin(i * 12.9898));
  const [rule] = parseConfig(RULES.replace('SPECIAL', specialDays), '.').rules;
  const settings = settingsAtStep(rule!.settings, STEP_MS);
  const { yhat, scores } = replay({ timesMs, values }, makeLabels({ __name__: 'm' }), { ...rule!, settings });
  const on = (column: Float64Array) =>
    column.filter((_, i) => timesMs[i]! >= HOLIDAY_MS && timesMs[i]! < HOLIDAY_MS + DAY);
  const after = scores.filter((_, i) => timesMs[i]! >= HOLIDAY_MS + DAY);
  return { yhat: on(yhat), scores: on(scores), after };
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const OPEN = mean(Float64Array.from({ length: 144 }, (_, i) => office(HOLIDAY_MS - DAY + i * STEP_MS)));
const CLOSED = mean(Float64Array.from({ length: 144 }, (_, i) => office(HOLIDAY_MS + i * STEP_MS)));

test('a holiday that nobody speaks of is expected to be like other Fridays, and alarms', () => {
  const { yhat, scores } = replayWith('[]');
  // Later its level is accepted.
  const morning = 8 * (HOUR / STEP_MS);
  const closed = office(HOLIDAY_MS + 8 * HOUR);
  assert.ok(yhat[morning]! > 1.4 * closed, `at 08:00 expected ${yhat[morning]}, closed ${closed}`);
  assert.ok(scores.some((score) => score > 1));
});

test('a holiday like a Sunday is expected to be one, and no alarm, nor are its midnights', () => {
  const { yhat, scores, after } = replayWith('[{ calendar: germany, like: sunday }]');
  assert.ok(Math.abs(mean(yhat) - CLOSED) < 0.2 * (OPEN - CLOSED), `expected ${mean(yhat)}, closed ${CLOSED}`);
  assert.ok([...scores, ...after].every((score) => score <= 1));
});

test('a day that is ignored has no score, and what comes after it is scored as if it had not been', () => {
  const { yhat, scores, after } = replayWith('[{ calendar: works, ignore: true }]');
  assert.ok(scores.every(Number.isNaN));
  assert.ok(mean(yhat) > 0.8 * OPEN, 'forecasts go on, and do not learn it');
  assert.ok(after.length > 0 && !after.some(Number.isNaN));
  assert.ok(after.every((score) => score <= 1));
});

/* The same load, a third more of it on paydays: every tenth day. */

const PAYDAYS = [1, 11, 21].map((day) => START_MS + day * DAY);

function replayPaydays(specialDays: string) {
  const length = (22 * DAY) / STEP_MS;
  const timesMs = Float64Array.from({ length }, (_, i) => START_MS + i * STEP_MS);
  const isPayday = (timeMs: number) => PAYDAYS.some((fromMs) => timeMs >= fromMs && timeMs < fromMs + DAY);
  const values = timesMs.map((timeMs, i) => 60 + (isPayday(timeMs) ? 40 : 0) + 2 * Math.sin(i * 12.9898));
  const days = PAYDAYS.map((ms) => `{ name: Payday, date: ${new Date(ms).toISOString().slice(0, 10)} }`);
  const rules = `
calendars: [{ name: paydays, days: [${days}] }]
rules: [{ name: a, match: [up], refit_interval: 6h, special_days: ${specialDays} }]`;
  const [rule] = parseConfig(rules, '.').rules;
  const settings = settingsAtStep(rule!.settings, STEP_MS);
  const { yhat, scores } = replay({ timesMs, values }, makeLabels({ __name__: 'm' }), { ...rule!, settings });
  // Two hours later a level that stays is accepted, whatever the day.
  const begins = (column: Float64Array) =>
    column.filter((_, i) => timesMs[i]! >= PAYDAYS[2]! && timesMs[i]! < PAYDAYS[2]! + 2 * HOUR);
  return { yhat: begins(yhat), scores: begins(scores) };
}

test('a day that is learnt is expected as the days of its name were, and is no alarm', () => {
  const learnt = replayPaydays('[{ calendar: paydays, learn: true }]');
  assert.ok(Math.abs(mean(learnt.yhat) - 100) < 5, `expected ${mean(learnt.yhat)}`);
  assert.ok(learnt.scores.every((score) => score <= 1));
  const unknown = replayPaydays('[]');
  assert.ok(mean(unknown.yhat) < 80, `expected ${mean(unknown.yhat)}`);
  assert.ok(
    unknown.scores.some((score) => score > 1),
    'a day that nobody speaks of alarms',
  );
});
