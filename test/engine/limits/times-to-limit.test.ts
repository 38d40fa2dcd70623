import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { noteCrossings } from '#src/engine/series/crossings-state.js';
import { HOUR, MINUTE } from '../../fixtures.js';
import { fastClock, settle } from '../fast-clock.js';
import { START } from '../fixture.js';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START }));
afterEach(() => mock.timers.reset());

/** A disk that fills by one a minute, for six hours. */
async function filling(rule: string) {
  const life = fastClock({ rule });
  await life.pass(START + 6 * HOUR, (timeMs) => (timeMs - START) / MINUTE);
  await settle();
  const published = (name: string) => life.writer.written.filter((sample) => sample.name === name);
  return { ...life, published };
}

test('the time to a limit is published at each evaluation, and gets shorter as it passes', async () => {
  const { published, engine } = await filling('limits: {max: 480}');
  const samples = published('m_time_to_limit_seconds{limit="max"}').slice(-30);
  assert.equal(samples.length, 30);
  for (const { timeMs, value } of samples) {
    const wantSeconds = (START + 8 * HOUR - timeMs) / 1000;
    assert.ok(Math.abs(Number(value) - wantSeconds) < 600, `${value} for ${wantSeconds}`);
  }
  const earliest = published('m_time_to_limit_earliest_seconds{limit="max"}').slice(-30);
  assert.ok(earliest.every(({ value }, i) => Number(value) <= Number(samples[i]!.value)));
  const [series] = [...engine.queries.series()];
  assert.deepEqual(
    engine.queries.report(series!).crossings.map(({ side }) => side),
    ['max'],
  );
  engine.stop();
});

test('a limit that is not reached within the horizon is infinitely far away', async () => {
  const { published, engine } = await filling('limits: {min: -1}');
  const { value } = published('m_time_to_limit_seconds{limit="min"}').at(-1)!;
  assert.equal(value, Number.POSITIVE_INFINITY);
  engine.stop();
});

test('a bound is followed as a limit is', async () => {
  const { published, engine } = await filling('bounds: {max: 480}');
  const { timeMs, value } = published('m_time_to_limit_seconds{limit="max"}').at(-1)!;
  const wantSeconds = (START + 8 * HOUR - timeMs) / 1000;
  assert.ok(Math.abs(Number(value) - wantSeconds) < 600, `${value} for ${wantSeconds}`);
  engine.stop();
});

test('a series without limits and bounds has no time to them', async () => {
  const { writer, engine } = await filling('horizons: [1h]');
  assert.deepEqual(
    writer.written.filter(({ name }) => name.includes('time_to_limit')),
    [],
  );
  engine.stop();
});

test('it is not worked out at every step, and anew when that is due', async () => {
  const { engine, pass } = await filling('limits: {max: 480}');
  const [series] = [...engine.queries.series()];
  const { crossings } = series!;
  noteCrossings(series!, { ...crossings!, dueMs: START + 7 * HOUR });
  const kept = series!.crossings;
  await pass(START + 6 * HOUR + 3 * MINUTE, (timeMs) => (timeMs - START) / MINUTE);
  assert.equal(series!.crossings, kept);
  await pass(START + 8 * HOUR, (timeMs) => (timeMs - START) / MINUTE);
  assert.notEqual(series!.crossings, kept);
  engine.stop();
});

test('it is worked out anew where the model has seen much more of the past than then', async () => {
  const { engine, pass } = await filling('limits: {max: 480}');
  const [series] = [...engine.queries.series()];
  const { crossings } = series!;
  const after = async (horizonMs: number, minutes: number) => {
    noteCrossings(series!, { ...crossings!, horizonMs, dueMs: Number.POSITIVE_INFINITY, found: [] });
    await pass(START + 6 * HOUR + minutes * MINUTE, (timeMs) => (timeMs - START) / MINUTE);
    return series!.crossings!.found.length;
  };
  assert.equal(await after(crossings!.horizonMs, 3), 0);
  assert.equal(await after(crossings!.horizonMs / 2, 6), 1);
  engine.stop();
});
