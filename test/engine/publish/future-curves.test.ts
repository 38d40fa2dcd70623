import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { forecastOn } from '#src/engine/expectation/expectation.js';
import { evaluationSchedule } from '#src/engine/publish/evaluation-schedule.js';
import { Evaluator } from '#src/engine/publish/evaluator.js';
import { FutureCurves } from '#src/engine/publish/future-curves.js';
import { FormerCurves } from '#src/engine/series/former-curves.js';
import { leavePublishing, noteFormerProcess } from '#src/engine/series/publish-state.js';
import type { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { FutureMark } from '#src/engine/snapshot/future-mark.js';
import { MINUTE } from '../../fixtures.js';
import { until } from '../../remote/write/writer-setup.js';
import { RecordingWriter, START, storeWith, trackedAround } from '../fixture.js';

const HOUR = 60 * MINUTE;
const log = pino({ level: 'silent' });

/** A writer to a target that takes curves. */
class FutureRecorder extends RecordingWriter {
  futureMs = HOUR;
  futureRoom = 1000;
  readonly appendFuture = this.append.bind(this);
}

/** The mark of a process that started at `startMs` and knows nothing of the one before. */
function writtenBy(startMs: number): FutureMark {
  return new FutureMark({ folder: undefined, log, now: () => startMs });
}

/** Series of one step of a minute, evaluated and written by a clock that is set; `clock.nowMs` is shared. */
function writing({
  horizon = '2h',
  mark = writtenBy(START - 48 * HOUR),
  former = new FormerCurves(),
  ownershipGraceMs = 0,
  spanMs = 2 * HOUR,
} = {}) {
  const source = storeWith('m', `step: 1m\n    horizon: ${horizon}`);
  const { store, settings } = source;
  const clock = { nowMs: START };
  const writer = new FutureRecorder();
  const registry = new Registry();
  const evaluator = new Evaluator({ store, writer: new RecordingWriter(), registry });
  const tracked = new Set<TrackedSeries>();
  const isTracked = (series: TrackedSeries) => tracked.has(series);
  const now = () => clock.nowMs;
  const curves = new FutureCurves({ store, writer, mark, former, ownershipGraceMs, isTracked, log, now, registry });
  const track = (series: TrackedSeries) => {
    series.fittedSpanMs = spanMs;
    tracked.add(series);
    return series;
  };
  source.append(START - 1, 50);
  const series = track(trackedAround(50, settings));
  const evaluate = (evaluationMs: number, evaluated = series) => {
    clock.nowMs = evaluationMs;
    evaluator.evaluate(evaluated, evaluationMs, evaluationSchedule(settings));
    curves.advance(evaluated);
  };
  const waiting = async () => (await registry.getSingleMetric('sentio_future_waiting_series')!.get()).values[0]!.value;
  /** Minutes after START of what was written as yhat since the last call. */
  const take = async () => {
    await until(async () => writer.futureRoom === 0 || (await waiting()) === 0);
    await new Promise((resolve) => setImmediate(resolve));
    return writer
      .take()
      .filter(({ name }) => name === 'm_yhat{sentio="forecast"}')
      .map(({ timeMs }) => (timeMs - START) / MINUTE);
  };
  return { ...source, writer, curves, series, track, tracked, evaluate, take, waiting };
}

const minutes = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('the whole curve is written at first, then what time brings into view', async () => {
  const { evaluate, take, append } = writing();
  evaluate(START);
  assert.deepEqual(await take(), minutes(1, 60));
  append(START + MINUTE / 2, 50);
  evaluate(START + MINUTE);
  assert.deepEqual(await take(), [61]);
  evaluate(START + MINUTE);
  assert.deepEqual(await take(), []);
  append(START + 9.5 * MINUTE, 50);
  evaluate(START + 10 * MINUTE);
  assert.deepEqual(await take(), minutes(62, 70));
});

test('what is written is what remote_read serves, with both edges', async () => {
  const { evaluate, series, store, writer, take } = writing();
  evaluate(START);
  await until(() => writer.written.length > 0);
  const written = [...writer.written];
  await take();
  const times = Float64Array.from(minutes(1, 60), (minute) => START + minute * MINUTE);
  const { yhat, yhatLower, yhatUpper } = forecastOn(store, series, times);
  for (const [name, column] of [
    ['m_yhat', yhat],
    ['m_yhat_lower', yhatLower],
    ['m_yhat_upper', yhatUpper],
  ] as const) {
    const values = written.filter((sample) => sample.name === `${name}{sentio="forecast"}`).map(({ value }) => value);
    assert.deepEqual(values, [...column], name);
  }
});

test('a curve ends at the horizon, and its points are whole steps no further apart than PromQL looks back', async () => {
  const { evaluate, writer, take } = writing();
  writer.futureMs = 24 * HOUR;
  evaluate(START);
  assert.deepEqual(
    await take(),
    Array.from({ length: 60 }, (_, i) => 2 * (i + 1)),
  );
});

test('a curve of a day has a point every five minutes', async () => {
  const { evaluate, writer, take } = writing({ horizon: '1d', spanMs: 48 * HOUR });
  writer.futureMs = 24 * HOUR;
  evaluate(START);
  assert.deepEqual(
    await take(),
    Array.from({ length: 288 }, (_, i) => 5 * (i + 1)),
  );
});

test('no curve is written of a model that has seen less of the past than the curve is long', async () => {
  const { evaluate, series, take } = writing({ spanMs: 59 * MINUTE });
  evaluate(START);
  assert.deepEqual(await take(), []);
  series.fittedSpanMs = HOUR;
  evaluate(START);
  assert.equal((await take()).length, 60);
});

test('nothing is written where no target takes curves', async () => {
  const { evaluate, writer, take } = writing();
  writer.futureMs = 0;
  evaluate(START);
  assert.deepEqual(await take(), []);
});

test('series wait for room in the queue, and one that is removed meanwhile is not written', async () => {
  const { evaluate, writer, take, waiting, tracked, series, curves } = writing();
  writer.futureRoom = 0;
  evaluate(START);
  assert.equal(await waiting(), 1);
  tracked.delete(series);
  curves.remove(series);
  writer.futureRoom = 1000;
  assert.deepEqual(await take(), []);
  assert.equal(await waiting(), 0);
});

test('the other quantity of a series has a curve of its own', async () => {
  const { evaluate, series, writer, take } = writing();
  evaluate(START);
  assert.equal((await take()).length, 60);
  series.published = { quantity: '_rate', horizons: [], severity: 'ticket', limits: [] };
  evaluate(START);
  await until(() => writer.written.length >= 180);
  assert.equal(new Set(writer.written.map(({ name }) => name)).size, 3);
  await take();
  series.published = { quantity: '', horizons: [], severity: 'ticket', limits: [] };
  evaluate(START);
  assert.deepEqual(await take(), []);
});

test('after a restart no instant is written that a process before may have written', async () => {
  const { evaluate, series, take } = writing({
    mark: writtenBy(START - 30 * MINUTE),
  });
  noteFormerProcess(series, START - MINUTE, START - MINUTE);
  evaluate(START);
  assert.deepEqual(await take(), minutes(31, 60));
});

test('where another Sentio may have written a series only what time brings into view is written', async () => {
  const { evaluate, append, take } = writing({ ownershipGraceMs: 4 * MINUTE });
  evaluate(START);
  assert.deepEqual(await take(), []);
  append(START + MINUTE / 2, 50);
  evaluate(START + MINUTE);
  assert.deepEqual(await take(), [61]);
});

test('a series that comes back goes on where a process before wrote it, also if it is not in the snapshot', async () => {
  const former = new FormerCurves();
  const { evaluate, series, store, curves, take } = writing({ former, mark: writtenBy(START - 24 * HOUR) });
  former.add(store.block(series.id), { '': START + 40 * MINUTE, _rate: START + 50 * MINUTE });
  series.futureUntilMs = { '': START + 30 * MINUTE };
  curves.add(series);
  evaluate(START);
  assert.deepEqual(await take(), minutes(41, 60));
});

test('a series that is new begins behind all that is no longer kept', async () => {
  const former = new FormerCurves(0);
  former.add(Buffer.from('another'), { '': START + 40 * MINUTE });
  const { evaluate, take } = writing({ former, mark: writtenBy(START - 24 * HOUR) });
  evaluate(START);
  assert.deepEqual(await take(), minutes(41, 60));
});

test('a series that another Sentio wrote meanwhile does not go on where it was here', async () => {
  const { evaluate, series, settings, track, curves, take, append } = writing({ ownershipGraceMs: 4 * MINUTE });
  evaluate(START);
  append(START + MINUTE / 2, 50);
  evaluate(START + MINUTE);
  assert.deepEqual(await take(), [61]);
  curves.remove(series);
  const back = track(trackedAround(50, settings));
  curves.add(back);
  leavePublishing(back);
  curves.remove(back);
  const again = track(trackedAround(50, settings));
  curves.add(again);
  assert.deepEqual(again.futureUntilMs, {});
});

test('a series that is removed and comes back goes on where it was', async () => {
  const { evaluate, series, settings, track, curves, take } = writing();
  evaluate(START);
  assert.equal((await take()).length, 60);
  curves.remove(series);
  const back = track(trackedAround(50, settings));
  curves.add(back);
  evaluate(START + MINUTE, back);
  assert.deepEqual(await take(), [61]);
});
