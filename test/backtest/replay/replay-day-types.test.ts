import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { parseConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { DAY, HOUR } from '../../fixtures.js';

/*
 * An office that works on weekdays and rests at weekends: what is an anomaly on the one is usual on the other.
 */

const STEP_MS = HOUR / 6;
const START_MS = Date.parse('2025-09-12T00:00Z');

/** `openOn`: whether the office works at that time. */
function office(timeMs: number, openOn: boolean): number {
  const hour = (timeMs % DAY) / HOUR;
  return 20 + (openOn ? 80 * Math.max(0, Math.sin(((hour - 7) / 11) * Math.PI)) : 0);
}

const isWeekday = (timeMs: number) => ![0, 6].includes(new Date(timeMs).getUTCDay());

/** Steps in alarm, by their time, of the days from `fromMs` on. */
function replayed(
  rule: string,
  isOpen: (timeMs: number) => boolean,
  fromMs: number,
): { alarms: number; steps: number; error: number } {
  const length = (23 * DAY) / STEP_MS;
  const timesMs = Float64Array.from({ length }, (_, i) => START_MS + i * STEP_MS);
  const values = timesMs.map((timeMs, i) => office(timeMs, isOpen(timeMs)) + 2 * Math.sin(i * 12.9898));
  const text = `
calendars: [{ name: works, days: [{ name: German Unity Day, date: 10-03 }] }]
rules: [{ name: a, match: [up], refit_interval: 6h, ${rule} }]`;
  const [parsed] = parseConfig(text, '.').rules;
  const settings = settingsAtStep(parsed!.settings, STEP_MS);
  const { yhat, scores } = replay({ timesMs, values }, makeLabels({ __name__: 'm' }), { ...parsed!, settings });
  const from = timesMs.findIndex((timeMs) => timeMs >= fromMs);
  const day = scores.subarray(from, from + DAY / STEP_MS);
  const errors = values.map((value, i) => Math.abs(value - yhat[i]!)).subarray(from, from + DAY / STEP_MS);
  return {
    alarms: day.filter((score) => score > 1).length,
    steps: day.length,
    error: errors.reduce((sum, error) => sum + error, 0) / errors.length,
  };
}

const FRIDAY = Date.parse('2025-10-03T00:00Z');
const SATURDAY = Date.parse('2025-10-04T00:00Z');
const THURSDAY = Date.parse('2025-10-02T00:00Z');
const isOn = (day: number, timeMs: number) => timeMs >= day && timeMs < day + DAY;
const AUTO = 'prophet: { day_types: auto }';
const OFF = 'prophet: { day_types: false }';

test('usual days of an office are expected far better where weekends are days of their own', () => {
  for (const day of [THURSDAY, SATURDAY]) {
    const auto = replayed(AUTO, isWeekday, day);
    const off = replayed(OFF, isWeekday, day);
    assert.equal(auto.alarms, 0);
    assert.ok(auto.error < 0.6 * off.error, `${auto.error} with, ${off.error} without`);
  }
});

test('a Saturday that is worked as a weekday is found', () => {
  const isOpen = (timeMs: number) => isWeekday(timeMs) || isOn(SATURDAY, timeMs);
  assert.ok(replayed(AUTO, isOpen, SATURDAY).alarms >= 6);
});

test('a dead hour on a weekday, as every hour of a weekend is, is found', () => {
  const noonMs = THURSDAY + 12 * HOUR;
  const isOpen = (timeMs: number) => isWeekday(timeMs) && !(timeMs >= noonMs && timeMs < noonMs + HOUR);
  assert.ok(replayed(AUTO, isOpen, THURSDAY).alarms >= 3);
});

test('a holiday like a Sunday is no alarm in office hours', () => {
  const isOpen = (timeMs: number) => isWeekday(timeMs) && !isOn(FRIDAY, timeMs);
  const rule = `${AUTO}, special_days: [{ calendar: works, like: sunday }]`;
  assert.equal(replayed(rule, isOpen, FRIDAY).alarms, 0);
  assert.equal(replayed(rule, isOpen, SATURDAY).alarms, 0);
  assert.ok(replayed(AUTO, isOpen, FRIDAY).alarms >= 6, 'nobody said that it is a holiday');
});
