import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { timeZone } from '#src/calendar/time-zone.js';
import { parseConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';

/*
 * A series that follows the clock on the wall, replayed over a change of that clock: by its zone nothing happens, by UTC
 * every edge comes at another time than the days before.
 */

interface Change {
  readonly name: string;
  readonly zone: string;
  readonly change: string;
}

const changes: readonly Change[] = [
  { name: 'spring in Berlin', zone: 'Europe/Berlin', change: '2026-03-29T01:00Z' },
  { name: 'autumn in Berlin', zone: 'Europe/Berlin', change: '2026-10-25T01:00Z' },
  { name: 'half an hour on Lord Howe', zone: 'Australia/Lord_Howe', change: '2026-04-04T15:00Z' },
  { name: 'half an hour the other way on Lord Howe', zone: 'Australia/Lord_Howe', change: '2026-10-03T15:30Z' },
  { name: 'the southern spring in Chile', zone: 'America/Santiago', change: '2026-09-06T04:00Z' },
  { name: 'the last change of Turkey', zone: 'Europe/Istanbul', change: '2016-03-27T01:00Z' },
  { name: 'no change in India', zone: 'Asia/Kolkata', change: '2026-03-29T01:00Z' },
];

const DAYS_BEFORE = 9;
const DAYS_AFTER = 3;

/** Load from nine to five by the local clock, with slopes of an hour, and a peak at nine. */
function officeHours(zone: string, timeMs: number): number {
  const hour = (timeZone(zone).toLocal(timeMs) % DAY) / HOUR;
  const open = Math.max(0, Math.min(1, hour - 8.5, 17.5 - hour));
  return 20 + 60 * open + 25 * Math.max(0, 1 - Math.abs(hour - 9.5));
}

/** The mean over a step: what is measured at all minutes of it. */
function meanOver(zone: string, fromMs: number, stepMs: number): number {
  let sum = 0;
  for (let atMs = fromMs; atMs < fromMs + stepMs; atMs += MINUTE) sum += officeHours(zone, atMs);
  return (sum * MINUTE) / stepMs;
}

/** The mean |error| after the change, and how many of the steps after it are in alarm. */
function replayOver({ zone, change }: Change, stepMs: number, timezone: string) {
  const changeMs = Date.parse(change);
  const startMs = Math.floor(changeMs / DAY - DAYS_BEFORE) * DAY;
  const length = ((DAYS_BEFORE + DAYS_AFTER) * DAY) / stepMs;
  const timesMs = Float64Array.from({ length }, (_, i) => startMs + i * stepMs);
  const values = timesMs.map((timeMs, i) => meanOver(zone, timeMs, stepMs) + 1.5 * Math.sin(i * 12.9898));
  const [rule] = parseConfig(
    `rules: [{ name: a, match: [up], timezone: ${timezone}, refit_interval: 12h }]`,
    '.',
  ).rules;
  const settings = settingsAtStep(rule!.settings, stepMs);
  const { yhat, scores } = replay({ timesMs, values }, makeLabels({ __name__: 'm' }), { ...rule!, settings });
  const after = timesMs.findIndex((timeMs) => timeMs >= changeMs);
  const errors = values.map((value, i) => Math.abs(value - yhat[i]!)).subarray(after);
  const alarms = scores.subarray(after).filter((score) => score > 1).length;
  return { error: errors.reduce((sum, error) => sum + error, 0) / errors.length, alarms };
}

for (const change of changes) {
  for (const [step, stepMs] of [
    ['1m', MINUTE],
    ['1h', HOUR],
  ] as const) {
    test(`office hours by the local clock go on without an alarm: ${change.name}, steps of ${step}`, () => {
      assert.equal(replayOver(change, stepMs, change.zone).alarms, 0);
    });
  }
}

test('by UTC the same series is expected an hour late after the change', () => {
  const [spring] = changes;
  const local = replayOver(spring!, HOUR, spring!.zone);
  const utc = replayOver(spring!, HOUR, 'UTC');
  assert.ok(utc.error > 1.3 * local.error, `by UTC ${utc.error}, by the local clock ${local.error}`);
});
