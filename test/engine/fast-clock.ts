import { mock } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Engine } from '#src/engine/engine.js';
import { fitRobustly } from '#src/forecast/fit/robust-fit.js';
import { readTrainingData } from '#src/forecast/fit/training-data.js';
import type { FitTask } from '#src/forecast/pool/worker.js';
import { MarkerStore } from '#src/markers/marker-store.js';
import type { ReadBytes } from '#src/series/snapshot/snapshot-format.js';
import { MINUTE } from '../fixtures.js';
import { RecordingWriter, storeWith } from './fixture.js';

/** Numbers in [0, 1) that are the same at every run (mulberry32). */
export function uniform(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A run of scores over 1: the evaluation timestamps of its first and last step. */
export interface Alarm {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The whole engine, with fits in the same thread, and time that passes as fast as it can: a sample for each step of a
 * minute. Mocked timers must be enabled, where a minute begins.
 */
export function fastClock({
  name = 'm',
  rule = 'step: 1m',
  restore,
  markers = new MarkerStore(),
  externalLabels = [],
}: {
  name?: string;
  rule?: string;
  restore?: ReadBytes;
  markers?: MarkerStore;
  externalLabels?: readonly string[];
} = {}) {
  const source = storeWith(name, rule, externalLabels, markers);
  const writer = Object.assign(new RecordingWriter(), { flush: () => {} });
  const registry = new Registry();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const engine = new Engine({
    store: source.store,
    pool: { fit: async (task) => fitHere(task) },
    fitConcurrency: 1,
    externalLabels,
    writer,
    markers,
    log,
    now: Date.now,
    registry,
  });
  const ready = restore === undefined ? engine.start() : engine.restore(restore).then(() => engine.start());
  /** Lets time pass until `untilMs`; no value is a step without a sample. */
  const pass = async (untilMs: number, valueAt: (timeMs: number) => number | undefined) => {
    while (Date.now() < untilMs) {
      const middleMs = Date.now() + MINUTE / 2;
      mock.timers.tick(MINUTE / 2);
      // On a busy machine an evaluation pauses after each series, and the others must not see the sample that comes next.
      if (source.store.size > 1) await settle();
      const value = valueAt(middleMs);
      if (value !== undefined) source.append(middleMs, value);
      mock.timers.tick(MINUTE / 2);
      await settle();
    }
  };
  /** The alarms so far; alarms less than ten minutes apart are one. */
  const alarms = (fromMs = Number.NEGATIVE_INFINITY): Alarm[] => {
    const found: { fromMs: number; toMs: number }[] = [];
    for (const { name: written, timeMs, value } of writer.written) {
      if (!written.endsWith('_anomaly_score') || value === 'stale' || value <= 1 || timeMs < fromMs) continue;
      const last = found.at(-1);
      if (last !== undefined && timeMs - last.toMs <= 10 * MINUTE) last.toMs = timeMs;
      else found.push({ fromMs: timeMs, toMs: timeMs });
    }
    return found;
  };
  return { ...source, engine, writer, registry, lines, ready, pass, alarms };
}

/** Lets fits come back, and evaluations that were interrupted go on: on a busy machine after every series. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function fitHere({ view, prophet }: FitTask) {
  const { samples, source, stepVariance } = readTrainingData(view);
  return { ...fitRobustly(samples, prophet, { stepVariance }), source, durationMs: 1 };
}
