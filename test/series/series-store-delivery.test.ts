import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aggregate } from '#src/model/settings/settings.js';
import { compress } from '#src/wire/core/snappy.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { MINUTE, SECOND } from '../fixtures.js';
import { encodeProto } from '../wire/proto.js';
import { makeStore, onlyId, T0 } from './fixture.js';

type Sample = readonly [timeMs: number, value: number];

const STEPS = 6;

/** A sample every 5 s for six minutes. */
function sent(valueAt: (i: number) => number): Sample[] {
  return Array.from({ length: (STEPS * MINUTE) / (5 * SECOND) }, (_, i) => [T0 + i * 5 * SECOND, valueAt(i)]);
}

const shuffled = (samples: readonly Sample[]): Sample[] => {
  const all = [...samples];
  let seed = 7;
  for (let i = all.length - 1; i > 0; i--) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const j = seed % (i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
};
const parts = (samples: readonly Sample[], size: number): Sample[][] =>
  Array.from({ length: Math.ceil(samples.length / size) }, (_, i) => samples.slice(i * size, (i + 1) * size));

/** How the samples are put into requests. */
const IN_ORDER: Record<string, (samples: readonly Sample[]) => Sample[][]> = {
  'the newest first, in one request': (samples) => [samples.toReversed()],
  'shuffled, in one request': (samples) => [shuffled(samples)],
  'a request a step, each shuffled': (samples) => parts(samples, 12).map(shuffled),
  'each request again after the next': (samples) =>
    parts(samples, 6).flatMap((part, i, all) => (i === 0 ? [part] : [part, all[i - 1]!])),
};

/** Some come after newer ones of another request. */
const OVERTAKEN: typeof IN_ORDER = {
  'a request a step, two of its samples swapped over requests': (samples) =>
    parts(samples, 12).flatMap((step) => [step.slice(0, 4), step.slice(8, 10), step.slice(4, 8), step.slice(10)]),
  'all of it twice': (samples) => [[...samples], [...samples]],
  'each request twice': (samples) => parts(samples, 5).flatMap((part) => [part, part]),
  'each request three times, the first time in part': (samples) =>
    parts(samples, 12).flatMap((part) => [part.slice(0, 7), part, part]),
  'two requests overtaking each other within a step': (samples) =>
    parts(samples, 12).flatMap((step) => [step.slice(6), step.slice(0, 6)]),
  'each step after the next one': (samples) => {
    const steps = parts(samples, 12);
    return [steps[0]!, steps[2]!, steps[1]!, steps[4]!, steps[3]!, steps[5]!];
  },
};

const VALUES = {
  gauge: (i: number) => 50 + 20 * Math.sin(i / 5) + (i % 3),
  counter: (i: number) => 1000 + 7 * i + (i % 4),
  reset: (i: number) => (i < 30 ? 1000 + 7 * i : 7 * (i - 30)),
};

function stepsAfter(aggregate: Aggregate, requests: readonly (readonly Sample[])[], oneEach: boolean): number[] {
  const store = makeStore({}, { aggregate, stepMs: MINUTE });
  const receiver = new WriteReceiver(store, { maxDecodedBytes: 1e6, maxSamplesPerRequest: 1e4 });
  const labels = [{ name: '__name__', value: 'm' }];
  for (const request of requests) {
    const samples = request.map(([timestamp, value]) => ({ timestamp, value }));
    const timeseries = oneEach ? samples.map((sample) => ({ labels, samples: [sample] })) : [{ labels, samples }];
    const body = compress(encodeProto('prometheus.WriteRequest', { timeseries }));
    receiver.receive(body, '1.0', T0 + STEPS * MINUTE);
  }
  const id = onlyId(store);
  return Array.from({ length: STEPS }, (_, step) => store.stepValue(id, T0 + step * MINUTE));
}

/** How far each step is from what it is where the samples come in order, as a share; NaN for a step without a value. */
function errors(
  aggregate: Aggregate,
  samples: readonly Sample[],
  requests: readonly (readonly Sample[])[],
  oneEach: boolean,
) {
  const wanted = stepsAfter(aggregate, [samples], false);
  return stepsAfter(aggregate, requests, oneEach).map((value, i) => Math.abs(value / wanted[i]! - 1));
}

for (const oneEach of [false, true]) {
  const form = oneEach ? 'a series a sample' : 'a series a request';
  for (const [way, requestsOf] of Object.entries({ ...IN_ORDER, ...OVERTAKEN })) {
    for (const aggregate of ['mean', 'max', 'min', 'last'] as const) {
      test(`the ${aggregate} of a gauge is what it is, sent ${way}, ${form}`, () => {
        const samples = sent(VALUES.gauge);
        const off = errors(aggregate, samples, requestsOf(samples), oneEach);
        assert.ok(Math.max(...off) < 1e-9, `${off}`);
      });
    }
  }

  for (const [way, requestsOf] of Object.entries(IN_ORDER)) {
    test(`the rate of a counter is what it is, sent ${way}, ${form}`, () => {
      for (const valueAt of [VALUES.counter, VALUES.reset]) {
        const samples = sent(valueAt);
        const off = errors('rate', samples, requestsOf(samples), oneEach);
        assert.ok(Math.max(...off) < 1e-9, `${off}`);
      }
    });
  }

  // What was passed over is between two samples: the mean rate between them is that of both.
  for (const [way, requestsOf] of Object.entries(OVERTAKEN)) {
    test(`the rate of a counter is nearly what it is, sent ${way}, ${form}`, () => {
      const samples = sent(VALUES.counter);
      const off = errors('rate', samples, requestsOf(samples), oneEach).filter((share) => !Number.isNaN(share));
      assert.ok(off.length >= 4 && Math.max(...off) < 0.02, `${off}`);
    });
  }
}
