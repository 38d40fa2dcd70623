import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Engine } from '#src/engine/engine.js';
import type { FitOutcome } from '#src/forecast/pool/fit-pool.js';
import { MINUTE, SECOND } from '../fixtures.js';
import { applyRules } from '../series/fixture.js';
import { RecordingWriter, START, storeWith, trackedAround } from './fixture.js';

test('Engine goes on after what it published when a series turns out a counter or its rings get another layout', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  const { store, append, settings } = storeWith('requests', 'step: 1m');
  const model = trackedAround(50, settings).model!;
  const outcome: FitOutcome = {
    model,
    optimizer: 'exact',
    points: 100,
    objective: 0,
    warnings: [],
    source: 'steps',
    durationMs: 1,
  };
  const writer = Object.assign(new RecordingWriter(), { flush: () => {} });
  const engine = new Engine({
    store,
    pool: { fit: async () => outcome },
    fitConcurrency: 1,
    externalLabels: [],
    writer,
    log: pino({ level: 'silent' }),
    now: Date.now,
    registry: new Registry(),
  });
  engine.start();
  for (let second = 0; second < 60 * 60; second++) {
    if (second % 15 === 0) append(Date.now(), 1000 + second);
    if (second === 30 * 60) store.setMetricType('requests', 'counter');
    if (second === 45 * 60 + 11) applyRules(store, () => storeWith('requests', 'step: 20s').rule);
    mock.timers.tick(SECOND);
    await new Promise((resolve) => setImmediate(resolve));
  }
  engine.stop();
  mock.timers.reset();

  const newest = new Map<string, number>();
  for (const { name, timeMs } of writer.written) {
    assert.ok(timeMs > (newest.get(name) ?? 0), `${name} at ${timeMs} after ${newest.get(name)}`);
    newest.set(name, timeMs);
  }
  const ends = writer.written.filter(({ value }) => value === 'stale').map(({ name }) => name);
  assert.deepEqual(
    ends.filter((name) => name.endsWith('_yhat')),
    ['requests_yhat', 'requests_rate_yhat'],
  );
  assert.ok(newest.get('requests_rate_yhat')! > START + 55 * MINUTE);
});
