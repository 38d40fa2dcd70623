import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Business, BusyPeriods } from '#src/detect/usual/busy-periods.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Minutes from `fromMs` to `toMs` in which a job runs as `heightAt` says; what was said of each. */
function run(busy: BusyPeriods, fromMs: number, toMs: number, heightAt: (timeMs: number) => number): Business[] {
  const said: Business[] = [];
  for (let t = fromMs; t < toMs; t += MINUTE) said.push(busy.next(heightAt(t), t, MINUTE));
  return said;
}

/** At 02:00 every day for half an hour. */
const nightly = (timeMs: number) => (timeMs % DAY >= 2 * HOUR && timeMs % DAY < 2.5 * HOUR ? 10 : 0);

test('BusyPeriods knows nothing of the first three periods, and finds the next ones usual', () => {
  const said = run(new BusyPeriods(), 0, 5 * DAY, nightly);
  const days = [0, 1, 2, 3, 4].map((day) => said[(day * DAY + 2 * HOUR) / MINUTE]);
  assert.deepEqual(days, ['unknown', 'unknown', 'unknown', 'usual', 'usual']);
  assert.ok(said.filter((each) => each === 'unknown').length === 3 * 30);
});

/** At 02:00 for half an hour, or for one and a half, by turns. */
const varied = (timeMs: number) => {
  const lengthMs = Math.floor(timeMs / DAY) % 2 === 0 ? 0.5 * HOUR : 1.5 * HOUR;
  return timeMs % DAY >= 2 * HOUR && timeMs % DAY < 2 * HOUR + lengthMs ? 10 : 0;
};
const endless = (timeMs: number) => (timeMs % DAY >= 2 * HOUR ? 10 : 0);

test('BusyPeriods says that a period is too long once it is by half, and five minutes', () => {
  const busy = new BusyPeriods();
  run(busy, 0, 6 * DAY, varied);
  const said = run(busy, 6 * DAY, 7 * DAY, endless);
  assert.equal(said.indexOf('long'), 2 * 60 + 90 + 45 + 5);
});

test('BusyPeriods says so by a quarter, and five minutes, once five were alike', () => {
  const lengthOf = (days: number) => {
    const busy = new BusyPeriods();
    run(busy, 0, days * DAY, nightly);
    return run(busy, days * DAY, (days + 1) * DAY, endless).indexOf('long') - 2 * 60;
  };
  assert.deepEqual([lengthOf(4), lengthOf(5)], [30 + 15 + 5, 37]);
});

test('BusyPeriods says that a period is too large from 2.2 times the third largest on', () => {
  const busy = new BusyPeriods();
  run(busy, 0, 5 * DAY, nightly);
  assert.equal(busy.next(21, 5 * DAY, MINUTE), 'usual');
  assert.equal(busy.next(23, 5 * DAY + 12 * HOUR, MINUTE), 'large');
});

test('BusyPeriods remembers the longest and the largest periods of two weeks, however many came since', () => {
  /** A minute an hour; on the fourth to sixth evening three times as much, and on the fifth to seventh at noon for half an hour. */
  const hourly = (timeMs: number) => {
    const day = Math.floor(timeMs / DAY);
    const minute = Math.floor((timeMs % DAY) / MINUTE);
    if (day >= 4 && day <= 6 && minute === 20 * 60) return 30;
    if (day >= 5 && day <= 7 && minute >= 720 && minute < 750) return 10;
    return minute % 60 === 0 ? 10 : 0;
  };
  const busy = new BusyPeriods();
  run(busy, 0, 12 * DAY, hourly);
  const again = run(busy, 12 * DAY, 13 * DAY, (t) => hourly(t - 7 * DAY));
  assert.deepEqual([...new Set(again)], ['usual']);
  assert.ok(run(busy, 13 * DAY, 14 * DAY, (t) => (t % DAY < 80 * MINUTE ? 10 : 0)).includes('long'));
  assert.equal(busy.state.length, 3 * 24);
  // What is longer ago is forgotten.
  run(busy, 14 * DAY, 30 * DAY, (t) => hourly(t % DAY));
  assert.ok(run(busy, 30 * DAY, 31 * DAY, (t) => hourly((t % DAY) + 5 * DAY)).includes('long'));
});

test('BusyPeriods misses what came every day of a week a quarter of an hour after it was due, until it would be over', () => {
  const busy = new BusyPeriods();
  run(busy, 0, 8 * DAY, nightly);
  const said = run(busy, 8 * DAY, 9 * DAY, () => 0);
  const first = said.indexOf('missing');
  assert.equal(first, 2 * 60 + 16);
  assert.equal(said.lastIndexOf('missing'), 2 * 60 + 45);
});

test('BusyPeriods does not miss on a Saturday what comes on other days', () => {
  const busy = new BusyPeriods();
  const weekdays = (t: number) => (Math.floor(t / DAY) % 7 < 5 ? nightly(t) : 0);
  const said = run(busy, 0, 21 * DAY, weekdays);
  assert.equal(said.indexOf('missing'), -1);
});

test("BusyPeriods' state is all there is to it", () => {
  const busy = new BusyPeriods();
  run(busy, 0, 8 * DAY, nightly);
  const restored = new BusyPeriods();
  restored.state = busy.state;
  assert.deepEqual(
    run(restored, 8 * DAY, 9 * DAY, () => 0),
    run(busy, 8 * DAY, 9 * DAY, () => 0),
  );
});
