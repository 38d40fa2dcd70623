import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { FitPool } from '#src/forecast/pool/fit-pool.js';
import type { TrainingView } from '#src/model/samples/ring-view.js';
import { prophetSettings } from '../../fixtures.js';

const pool = new FitPool({
  threads: 2,
  maxQueue: 2,
  timeoutMs: 20_000,
  log: pino({ level: 'silent' }),
  registry: new Registry(),
});
after(() => pool.close());

const memory = new SharedArrayBuffer(8 * 64);
const ring = {
  memory,
  byteOffset: 0,
  capacity: 64,
  format: 'f64',
  base: 0,
  widthMs: 60_000,
  newestBucket: 64,
} as const;
const view: TrainingView = { coarse: ring, fine: ring, withinBucketVariance: 0 };

test('fits run in threads that yield to the main thread', {
  skip: process.platform !== 'linux' && 'threads have a niceness of their own on Linux alone',
}, async () => {
  const before = getPriority();
  await Promise.all([1, 2].map(() => pool.fit({ view, prophet: prophetSettings() })));
  const priorities = readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)));
  assert.equal(priorities.filter((priority) => priority === Math.min(19, before + 10)).length, 2);
  assert.equal(getPriority(process.pid), before);
});
