import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { ExclusionKind } from '#src/engine/exclusions/exclusion.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { fastClock, normal, settle, uniform } from '../fast-clock.js';
import { START } from '../fixture.js';

// What people say of a series, on a running service: days of a daily wave under default settings, with what happens in it.

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START }));
afterEach(() => mock.timers.reset());

const KNOWN = START + 4 * DAY;
const wave = (timeMs: number) => 100 + 20 * Math.sin((2 * Math.PI * timeMs) / DAY);

/** A running service whose series is what `happens` makes of its wave; `mark` says something of a time, as the API does. */
async function running(happens: (value: number, timeMs: number) => number, seed = 1) {
  const life = fastClock();
  const random = uniform(seed);
  const valueAt = (timeMs: number) => happens(wave(timeMs) + 2 * normal(random), timeMs);
  const until = (untilMs: number) => life.pass(untilMs, valueAt);
  const mark = async (kind: ExclusionKind, fromMs: number, toMs: number) => {
    const { id } = await life.engine.exclusions.add({ kind, match: ['m'], reason: 'said by hand', fromMs, toMs });
    return id;
  };
  /** The evaluations of a range at which an alarm was published. */
  const alarmMinutes = (fromMs: number, toMs: number) =>
    life.writer.written.filter(
      ({ name, timeMs, value }) =>
        name.endsWith('_anomaly_score') && value !== 'stale' && value > 1 && timeMs > fromMs && timeMs <= toMs,
    ).length;
  /** What is expected at an instant now. */
  const expectedAt = (timeMs: number) => {
    const [series] = life.engine.queries.series();
    const { forecast } = life.engine.queries.forecast(series!, { startMs: timeMs, endMs: timeMs, stepMs: MINUTE });
    return forecast!.yhat[0]!;
  };
  return { life, until, mark, alarmMinutes, expectedAt };
}

const between = (timeMs: number, fromMs: number, lengthMs: number) => timeMs >= fromMs && timeMs < fromMs + lengthMs;

test('maintenance amid an incident: an alarm before it, none while it lasts, and one again after it until the incident ends', async () => {
  const { life, until, mark, alarmMinutes } = await running((value, timeMs) =>
    between(timeMs, KNOWN, HOUR) ? value + 80 : value,
  );
  await until(KNOWN + 10 * MINUTE);
  assert.ok(alarmMinutes(KNOWN, KNOWN + 10 * MINUTE) >= 9);
  await mark('maintenance', KNOWN + 10 * MINUTE, KNOWN + 40 * MINUTE);
  await until(KNOWN + 3 * HOUR);
  life.engine.stop();
  assert.equal(alarmMinutes(KNOWN + 11 * MINUTE, KNOWN + 40 * MINUTE), 0);
  assert.ok(alarmMinutes(KNOWN + 40 * MINUTE, KNOWN + HOUR) >= 15);
  assert.equal(alarmMinutes(KNOWN + HOUR + 5 * MINUTE, KNOWN + 3 * HOUR), 0);
  const written = life.writer.written.filter(
    ({ name, timeMs }) => name === 'm_anomaly_score' && between(timeMs, KNOWN + 12 * MINUTE, 28 * MINUTE),
  );
  assert.deepEqual(
    written.filter(({ value }) => value !== 'stale'),
    [],
    'a score that is suppressed is not published',
  );
});

test('feedback: the like of what was no anomaly is quiet the next day, and something worse is still found', async () => {
  const burst = (value: number, timeMs: number) => {
    if (between(timeMs, KNOWN, 10 * MINUTE) || between(timeMs, KNOWN + 14 * HOUR, 10 * MINUTE)) return value + 80;
    return between(timeMs, KNOWN + 20 * HOUR, 10 * MINUTE) ? value + 400 : value;
  };
  const { life, until, mark, alarmMinutes } = await running(burst);
  await until(KNOWN + HOUR);
  assert.ok(alarmMinutes(KNOWN, KNOWN + HOUR) >= 9);
  await mark('not_an_anomaly', KNOWN, KNOWN + 10 * MINUTE);
  await until(KNOWN + 22 * HOUR);
  life.engine.stop();
  assert.equal(alarmMinutes(KNOWN + HOUR, KNOWN + 20 * HOUR), 0);
  assert.ok(alarmMinutes(KNOWN + 20 * HOUR, KNOWN + 21 * HOUR) >= 9);
});

test('an incident that nobody saw is left out of the fit that is asked for at once, and learnt again when that is taken back', async () => {
  // Some 25 % more for eight hours, and creeping in: the model follows, and hardly a step is an alarm.
  const creeping = (value: number, timeMs: number) => {
    const sinceMs = timeMs - KNOWN;
    return sinceMs < 0 || sinceMs > 8 * HOUR ? value : value + Math.min(25, (sinceMs / HOUR) * 12);
  };
  const { life, until, mark, expectedAt } = await running(creeping);
  const sameTimeTomorrow = KNOWN + DAY + 6 * HOUR;
  await until(KNOWN + 12 * HOUR);
  const misled = expectedAt(sameTimeTomorrow) - wave(sameTimeTomorrow);
  const id = await mark('incident', KNOWN, KNOWN + 8 * HOUR);
  mock.timers.tick(1_000);
  await settle();
  const corrected = expectedAt(sameTimeTomorrow) - wave(sameTimeTomorrow);
  assert.ok(Math.abs(corrected) < Math.abs(misled) / 2, `off by ${misled} before, ${corrected} after`);
  await life.engine.exclusions.remove(id);
  mock.timers.tick(1_000);
  await settle();
  life.engine.stop();
  const again = expectedAt(sameTimeTomorrow) - wave(sameTimeTomorrow);
  assert.ok(Math.abs(again - misled) < 0.5, `off by ${misled} before, ${again} once it is taken back`);
});
