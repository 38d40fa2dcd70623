import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { FitScheduler } from '#src/engine/fits/fit-scheduler.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { FitError } from '#src/forecast/fit-error.js';
import type { FitOutcome } from '#src/forecast/pool/fit-pool.js';
import type { FitTask } from '#src/forecast/pool/worker.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import type { ProphetSettings } from '#src/model/settings/settings.js';
import { HOUR, MINUTE, SECOND } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

/** A pool whose fits the test ends, in the order in which they were asked for. */
class ManualPool {
  readonly pending: { succeed(): void; fail(error: FitError): void }[] = [];
  asked = 0;
  /** The options of the fit that was asked for last. */
  prophet: ProphetSettings | undefined;

  fit({ prophet }: FitTask): Promise<FitOutcome> {
    this.asked++;
    this.prophet = prophet;
    return new Promise((resolve, reject) => {
      this.pending.push({ succeed: () => resolve(OUTCOME), fail: reject });
    });
  }
}

const OUTCOME: FitOutcome = {
  ...fitProphet(
    { timesMs: Float64Array.from({ length: 10 }, (_, i) => START + i * MINUTE), values: new Float64Array(10).fill(7) },
    storeWith('m', 'step: 1m').settings.prophet,
  ),
  source: 'steps',
  durationMs: 1,
};

function scheduling({ concurrency = 4, ruleYaml = '' } = {}) {
  const source = storeWith('m', `step: 1m\n    refit_interval: 1h\n    ${ruleYaml}`);
  const pool = new ManualPool();
  const registry = new Registry();
  const log = pino({ level: 'silent' });
  const scheduler = new FitScheduler({ store: source.store, pool, concurrency, log, now: Date.now, registry });
  const series = new TrackedSeries(0);
  /** Lets time pass in seconds, with a sample a minute by default; what settles in between settles. */
  const pass = async (ms: number, { samples = true } = {}) => {
    for (let passedMs = 0; passedMs < ms; passedMs += SECOND) {
      mock.timers.tick(SECOND);
      if (samples && Date.now() % MINUTE === 0) source.append(Date.now(), 7);
      await Promise.resolve();
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ...source, pool, registry, scheduler, series, pass };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
});

test('FitScheduler has a series fitted as soon as it has ten steps, and not before', async () => {
  const { append, pool, scheduler, series, pass } = scheduling();
  append(START, 7);
  scheduler.add(series);
  await pass(9 * MINUTE);
  assert.equal(pool.asked, 0);
  await pass(3 * MINUTE);
  assert.equal(pool.asked, 1);
  scheduler.stop();
});

test('FitScheduler refits a young series when its history has grown, and an old one every refit interval', async () => {
  const { append, pool, scheduler, series, pass } = scheduling();
  for (let minute = 0; minute <= 40; minute++) append(START - (40 - minute) * MINUTE, 7);
  scheduler.add(series);
  await pass(SECOND);
  pool.pending.shift()!.succeed();
  await pass(9 * MINUTE);
  assert.equal(pool.asked, 1, 'grown by less than a quarter');
  await pass(3 * MINUTE);
  assert.equal(pool.asked, 2, 'grown by a quarter');
  scheduler.stop();
});

test('FitScheduler never has two fits of a series in flight', async () => {
  const { append, pool, scheduler, series, pass } = scheduling();
  for (let minute = 0; minute <= 40; minute++) append(START - (40 - minute) * MINUTE, 7);
  scheduler.add(series);
  await pass(5 * HOUR);
  assert.equal(pool.asked, 1);
  scheduler.stop();
});

test('FitScheduler puts a series that keeps failing in quarantine, longer each time', async () => {
  const { append, pool, scheduler, series, pass } = scheduling();
  for (let minute = 0; minute <= 40; minute++) append(START - (40 - minute) * MINUTE, 7);
  scheduler.add(series);
  const askedAtMs: number[] = [];
  for (let failures = 0; failures < 4; failures++) {
    for (let minutes = 0; pool.pending.length === 0 && minutes < 24 * 60; minutes++) await pass(MINUTE);
    askedAtMs.push(Date.now());
    pool.pending.shift()!.fail(new FitError('diverged', 'Cannot fit: no optimum'));
    await pass(SECOND);
  }
  const waits = askedAtMs.slice(1).map((atMs, i) => Math.round((atMs - askedAtMs[i]!) / HOUR));
  assert.deepEqual(waits, [1, 2, 4]);
  assert.equal(series.fitError, 'Cannot fit: no optimum');
  assert.equal(series.model, undefined);
  scheduler.stop();
});

test('FitScheduler puts a series that a worker died of in quarantine, like any that fails', async () => {
  const { append, pool, scheduler, series, pass } = scheduling();
  for (let minute = 0; minute <= 40; minute++) append(START - (40 - minute) * MINUTE, 7);
  scheduler.add(series);
  await pass(SECOND);
  pool.pending.shift()!.fail(new FitError('crashed', 'Cannot fit: the worker died'));
  await pass(59 * MINUTE);
  assert.equal(pool.asked, 1);
  await pass(2 * MINUTE);
  assert.equal(pool.asked, 2);
  scheduler.stop();
});

test('FitScheduler drops the result of a series that is gone', async () => {
  const { append, pool, scheduler, series, pass } = scheduling();
  for (let minute = 0; minute <= 40; minute++) append(START - (40 - minute) * MINUTE, 7);
  scheduler.add(series);
  await pass(SECOND);
  scheduler.remove(series.id);
  pool.pending.shift()!.succeed();
  await pass(2 * HOUR);
  assert.equal(series.model, undefined);
  assert.equal(pool.asked, 1);
  scheduler.stop();
});

test('FitScheduler fits a series again whose history changed its base meanwhile', async () => {
  const { append, pool, scheduler, series, pass } = scheduling();
  for (let minute = 0; minute <= 40; minute++) append(START - (40 - minute) * MINUTE, 7);
  scheduler.add(series);
  await pass(SECOND);
  // Five hours on another level, until nothing else is in the steps.
  for (let minute = 1; minute <= 300; minute++) append(START + minute * MINUTE, 1e9);
  pool.pending.shift()!.succeed();
  await pass(2 * SECOND, { samples: false });
  assert.equal(series.model, undefined);
  assert.equal(pool.asked, 2);
  pool.pending.shift()!.succeed();
  await pass(2 * SECOND, { samples: false });
  assert.equal(series.model, OUTCOME.model);
  assert.equal(series.fit?.resolutionMs, MINUTE, 'trained on its steps');
  scheduler.stop();
});

test('FitScheduler fits a series again whose level was accepted meanwhile', async () => {
  const { append, pool, scheduler, series, pass } = scheduling();
  for (let minute = 0; minute <= 40; minute++) append(START - (40 - minute) * MINUTE, 7);
  scheduler.add(series);
  await pass(SECOND);
  series.levelShifts = [{ atMs: START, factor: 2, offset: 0, resetsHistory: false }];
  pool.pending.shift()!.succeed();
  await pass(2 * SECOND, { samples: false });
  assert.equal(series.model, undefined);
  pool.pending.shift()!.succeed();
  await pass(2 * SECOND, { samples: false });
  assert.equal(series.model, OUTCOME.model);
  scheduler.stop();
});

test('FitScheduler says how late the most overdue refit is', async () => {
  const { append, pool, scheduler, series, registry, pass } = scheduling({ concurrency: 1 });
  for (let minute = 0; minute <= 40; minute++) append(START - (40 - minute) * MINUTE, 7);
  scheduler.add(series);
  await pass(SECOND);
  assert.equal(pool.asked, 1, 'the only thread is busy');
  scheduler.add(new TrackedSeries(1));
  await pass(30 * SECOND);
  assert.match(await registry.metrics(), /^sentio_refit_lag_seconds 30$/m);
  scheduler.stop();
});

test('FitScheduler has restored series refitted by the age of their models, and overdue ones over a whole interval', async () => {
  const cases: [name: string, ageMs: number, withinMs: [first: number, last: number]][] = [
    ['as old as a refit interval a day ago', 25 * HOUR, [0, HOUR]],
    ['ten minutes old', 10 * MINUTE, [44 * MINUTE, 57 * MINUTE]],
  ];
  for (const [name, ageMs, [first, last]] of cases) {
    mock.timers.reset();
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
    const { store, rule, pool, scheduler } = scheduling({ concurrency: 100 });
    const blocks = Array.from({ length: 100 }, (_, i) => encodeLabelBlock(makeLabels({ __name__: `m${i}` })));
    const scrape = (timeMs: number) => {
      store.beginRequest(timeMs);
      for (const block of blocks) store.append(store.resolve(block, 0, block.length), timeMs, 7);
    };
    for (let timeMs = START - 30 * HOUR; timeMs <= START; timeMs += HOUR) scrape(timeMs);
    for (const id of store.ids()) {
      const series = new TrackedSeries(id);
      series.model = OUTCOME.model;
      series.fit = { optimizer: 'exact', points: 10, resolutionMs: MINUTE, fittedAtMs: START - ageMs };
      series.fittedWith = rule.settings.prophet;
      series.fittedUntilMs = START - ageMs;
      series.fittedSpanMs = 29 * HOUR;
      scheduler.add(series);
    }
    const askedAt: number[] = [];
    for (let passedMs = 0; passedMs < 80 * MINUTE; passedMs += 10 * SECOND) {
      mock.timers.tick(10 * SECOND);
      if (Date.now() % MINUTE === 0) scrape(Date.now());
      while (askedAt.length < pool.asked) askedAt.push(passedMs);
    }
    scheduler.stop();
    assert.equal(askedAt.length, 100, name);
    assert.ok(askedAt[0]! >= first && askedAt[99]! <= last, `${name}: from ${askedAt[0]} to ${askedAt[99]} ms`);
    // Spread evenly: half of them in the middle half of the time.
    const middle = askedAt.filter((ms) => Math.abs(ms - (first + last) / 2) < (last - first) / 4).length;
    assert.ok(middle > 35 && middle < 65, `${name}: ${middle} in the middle half`);
  }
});

test('FitScheduler fits with the cap that another series has at the time, and notes the options of the rule', async () => {
  const ruleYaml = 'prophet: {growth: logistic, cap: {series: size, on: []}}';
  const { scheduler, series, pool, pass, append, appendTo, settings } = scheduling({ ruleYaml });
  append(START, 7);
  scheduler.add(series);
  await pass(12 * MINUTE);
  assert.equal(pool.prophet?.growth, 'linear');
  pool.pending.shift()!.succeed();
  await pass(MINUTE);
  // So that a reload of the same rule is no reason to fit it again.
  assert.equal(series.fittedWith, settings.prophet);
  appendTo({ __name__: 'size' }, Date.now(), 50);
  await pass(5 * MINUTE);
  assert.deepEqual([pool.prophet?.growth, pool.prophet?.cap], ['logistic', 50]);
  scheduler.stop();
});
