import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { reportSeries } from '#src/engine/query/series-report.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { fastClock, normal, uniform } from '../fast-clock.js';
import { START } from '../fixture.js';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START }));
afterEach(() => mock.timers.reset());

/** A daily wave around 100 with a little noise. */
function wave(seed: number): (timeMs: number) => number {
  const random = uniform(seed);
  return (timeMs) => 100 + 20 * Math.sin((2 * Math.PI * timeMs) / DAY) + 2 * normal(random);
}

/** [yhat, lower, upper] as last published. */
function lastInterval({ writer }: ReturnType<typeof fastClock>) {
  return ['m_yhat', 'm_yhat_lower', 'm_yhat_upper'].map((name) =>
    Number(writer.written.findLast((written) => written.name === name)!.value),
  ) as [number, number, number];
}

test('a load that doubles for good is one alarm, accepted after two hours, and none around the new level', async () => {
  const life = fastClock();
  const usual = wave(1);
  const shiftMs = START + 4 * DAY + 7 * HOUR;
  await life.pass(shiftMs, usual);
  const quietAlarms = life.alarms(START + 2 * DAY).length;
  const doubled = (timeMs: number) => 2 * usual(timeMs);
  await life.pass(shiftMs + 2 * HOUR + 5 * MINUTE, doubled);

  const [yhat, lower, upper] = lastInterval(life);
  const now = Date.now();
  const expected = 2 * (100 + 20 * Math.sin((2 * Math.PI * now) / DAY));
  assert.ok(Math.abs(yhat - expected) < 10, `yhat ${yhat} of ${expected}, 5 minutes after acceptance`);
  assert.ok(lower < expected && expected < upper && upper - lower < 60, `${lower} – ${upper}`);

  await life.pass(shiftMs + 2 * DAY, doubled);
  life.engine.stop();
  const alarms = life.alarms(shiftMs);
  assert.equal(quietAlarms, 0);
  assert.equal(alarms.length, 1, JSON.stringify(alarms));
  assert.ok(alarms[0]!.fromMs <= shiftMs + 2 * MINUTE && alarms[0]!.toMs <= shiftMs + 2 * HOUR + 2 * MINUTE);

  const [line, ...others] = life.lines.filter(({ msg }) => String(msg).includes('level'));
  assert.deepEqual(others, []);
  assert.equal(line!.level, 30);
  assert.equal(line!.series, 'm');
  assert.ok(Math.abs(Number(line!.to) / Number(line!.from) - 2) < 0.15, JSON.stringify(line));
  assert.match(await life.registry.metrics(), /^sentio_level_shifts_accepted_total\{rule="test"\} 1$/m);
  const [series] = life.engine.queries.series();
  const report = reportSeries(life.store, series!, Date.now());
  assert.ok(Math.abs(report.levelAcceptedAtMs - (shiftMs + 2 * HOUR)) <= 2 * MINUTE);

  // What was expected before the shift is not what is expected now.
  const curve = life.engine.queries.forecast(series!, { startMs: shiftMs - DAY, endMs: shiftMs + DAY, stepMs: HOUR });
  curve.forecast!.timesMs.forEach((timeMs, i) => {
    const wanted = (timeMs < shiftMs ? 1 : 2) * (100 + 20 * Math.sin((2 * Math.PI * timeMs) / DAY));
    const [got, low, high] = [curve.forecast!.yhat[i]!, curve.forecast!.yhatLower[i]!, curve.forecast!.yhatUpper[i]!];
    assert.ok(Math.abs(got - wanted) < 12 && low < got && got < high, `${got} for ${wanted} at hour ${i}`);
  });
  const { timesMs, yhat: whole, yhatLower, yhatUpper } = curve.forecast!;
  const parts = life.engine.queries.components(series!, timesMs)!;
  parts.trend.forEach((trend, i) => {
    const sum = parts.seasonalities.reduce((total, { values }) => total + values[i]!, trend);
    // What is published is rounded.
    assert.ok(Math.abs(sum - whole[i]!) <= (yhatUpper[i]! - yhatLower[i]!) / 1024);
  });
});

test('an incident of an hour and a half is not accepted, and after it the interval is where it was', async () => {
  const life = fastClock();
  const usual = wave(2);
  const incidentMs = START + 4 * DAY + 3 * HOUR;
  await life.pass(incidentMs, usual);
  await life.pass(incidentMs + 1.5 * HOUR, (timeMs) => 2 * usual(timeMs));
  await life.pass(incidentMs + 8 * HOUR, usual);
  life.engine.stop();
  const alarms = life.alarms(incidentMs);
  assert.equal(alarms.length, 1, JSON.stringify(alarms));
  const [yhat] = lastInterval(life);
  const expected = 100 + 20 * Math.sin((2 * Math.PI * Date.now()) / DAY);
  assert.ok(Math.abs(yhat - expected) < 5, `${yhat} for ${expected}`);
  assert.match(await life.registry.metrics(), /^sentio_level_shifts_accepted_total\{rule="test"\} 0$/m);
  assert.deepEqual(life.lines, []);
});

test('an incident of five hours is one alarm, and its end is none', async () => {
  const life = fastClock();
  const usual = wave(3);
  const incidentMs = START + 4 * DAY + 3 * HOUR;
  await life.pass(incidentMs, usual);
  await life.pass(incidentMs + 5 * HOUR, (timeMs) => usual(timeMs) + 150);
  await life.pass(incidentMs + 12 * HOUR, usual);
  life.engine.stop();
  const alarms = life.alarms(incidentMs);
  assert.equal(alarms.length, 1, JSON.stringify(alarms));
  const [yhat] = lastInterval(life);
  const expected = 100 + 20 * Math.sin((2 * Math.PI * Date.now()) / DAY);
  assert.ok(Math.abs(yhat - expected) < 5, `${yhat} for ${expected}`);
  assert.match(await life.registry.metrics(), /^sentio_level_shifts_reverted_total\{rule="test"\} 1$/m);
});

test('a value that keeps climbing is no level', async () => {
  const life = fastClock();
  const usual = wave(4);
  const leakMs = START + 4 * DAY + 3 * HOUR;
  await life.pass(leakMs, usual);
  await life.pass(leakMs + 3 * HOUR, (timeMs) => usual(timeMs) + (150 * (timeMs - leakMs)) / HOUR);
  life.engine.stop();
  assert.match(await life.registry.metrics(), /^sentio_level_shifts_accepted_total\{rule="test"\} 0$/m);
});

test('a series that was at rest and comes to life is accepted as it is, with the noise it has', async () => {
  const life = fastClock();
  const random = uniform(5);
  const startMs = START + 4 * DAY + 3 * HOUR;
  await life.pass(startMs, () => 0);
  await life.pass(startMs + 8 * HOUR, () => 1000 + 50 * normal(random));
  life.engine.stop();
  const alarms = life.alarms(startMs);
  assert.equal(alarms.length, 1, JSON.stringify(alarms));
  assert.ok(alarms[0]!.toMs <= startMs + 2 * HOUR + 5 * MINUTE, JSON.stringify(alarms));
  const [yhat, lower, upper] = lastInterval(life);
  assert.ok(Math.abs(yhat - 1000) < 20 && lower < 920 && upper > 1080, `${lower} ${yhat} ${upper}`);
});

test('an outage of more than a day is accepted after that day, at whatever hour it is, and its end is none', async () => {
  const life = fastClock();
  const random = uniform(6);
  const swing = (timeMs: number) => 100 + 90 * Math.sin((2 * Math.PI * timeMs) / DAY);
  const usual = (timeMs: number) => swing(timeMs) + 2 * normal(random);
  // What was expected falls fast then, by a quarter within the hour.
  const outageMs = START + 4 * DAY + 14 * HOUR;
  await life.pass(outageMs, usual);
  await life.pass(outageMs + 30 * HOUR, () => 0);
  const acceptedMs = outageMs + DAY + 5 * MINUTE;
  assert.deepEqual(life.alarms(acceptedMs), []);
  assert.match(await life.registry.metrics(), /^sentio_level_shifts_accepted_total\{rule="test"\} 1$/m);
  const [rest, restLower, restUpper] = lastInterval(life);
  assert.ok(rest === 0 && restUpper - restLower < 0.1, `${restLower} ${rest} ${restUpper}`);
  await life.pass(outageMs + 34 * HOUR, usual);
  life.engine.stop();
  assert.deepEqual(life.alarms(acceptedMs), []);
  const [yhat, lower, upper] = lastInterval(life);
  const expected = swing(Date.now());
  assert.ok(Math.abs(yhat - expected) < 5 && upper - lower < 40, `${lower} ${yhat} ${upper} for ${expected}`);
});

test('a surge on the rise of the day is accepted, and its end is no alarm', async () => {
  const life = fastClock();
  const random = uniform(7);
  const swing = (timeMs: number) => 100 + 90 * Math.sin((2 * Math.PI * timeMs) / DAY);
  const usual = (timeMs: number) => swing(timeMs) * (1 + 0.01 * normal(random));
  const surgeMs = START + 4 * DAY + 21 * HOUR;
  await life.pass(surgeMs, usual);
  const backMs = surgeMs + 5 * HOUR;
  await life.pass(backMs, (timeMs) => 2.7 * usual(timeMs));
  assert.match(await life.registry.metrics(), /^sentio_level_shifts_accepted_total\{rule="test"\} [1-9]$/m);
  await life.pass(backMs + 10 * MINUTE, usual);
  const [yhat] = lastInterval(life);
  await life.pass(backMs + 4 * HOUR, usual);
  life.engine.stop();
  assert.deepEqual(life.alarms(backMs + 2 * MINUTE), []);
  const expected = swing(backMs + 10 * MINUTE);
  assert.ok(Math.abs(yhat - expected) < 5, `${yhat} for ${expected}`);
});

test('two levels whose intervals overlap are not swapped by single steps', async () => {
  const life = fastClock();
  const random = uniform(8);
  const around = (level: number) => () => level + 5 * normal(random);
  const shiftMs = START + 4 * DAY + 3 * HOUR;
  await life.pass(shiftMs, around(100));
  await life.pass(shiftMs + 2 * DAY, around(114));
  const metrics = await life.registry.metrics();
  assert.match(metrics, /^sentio_level_shifts_accepted_total\{rule="test"\} 1$/m);
  assert.match(metrics, /^sentio_level_shifts_reverted_total\{rule="test"\} 0$/m);
  // Several steps in a row are evidence enough.
  const backMs = shiftMs + 2 * DAY;
  await life.pass(backMs + HOUR, around(100));
  life.engine.stop();
  assert.match(await life.registry.metrics(), /^sentio_level_shifts_reverted_total\{rule="test"\} 1$/m);
  assert.deepEqual(life.alarms(backMs), []);
});
