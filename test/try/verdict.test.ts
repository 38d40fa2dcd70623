import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Reason } from '#src/try/verdict.js';

const HOURS = 14 * 24 + 1;

/** The same noise in every run, from −1 to 1. */
function noise(i: number): number {
  const value = Math.sin(i * 12.9898) * 43758.5453;
  return 2 * (value - Math.floor(value)) - 1;
}

let walked = 0;
function walk(i: number): number {
  walked += noise(i);
  return 1000 + walked;
}

const CASES: readonly [name: string, valueAt: (hour: number) => number, reason: Reason | undefined][] = [
  ['a daily wave', (i) => 100 + 30 * Math.sin((i / 24) * 2 * Math.PI) + 5 * noise(i), undefined],
  ['a weak wave in noise', (i) => 100 + 6 * Math.sin((i / 24) * 2 * Math.PI) + 5 * noise(i), undefined],
  ['noise around a level', (i) => 100 + 5 * noise(i), undefined],
  ['a wave with an incident', (i) => (i === 200 ? 1e6 : 100 + 30 * Math.sin((i / 24) * 2 * Math.PI)), undefined],
  ['a constant', () => 5, 'constant'],
  ['two values that change once', (i) => (i < 100 ? 1 : 2), 'constant'],
  ['zeros and a few errors', (i) => (i % 17 === 0 ? 1 + noise(i) : 0), 'zero'],
  ['a clock', (i) => 1.7e9 + 3600 * i, 'rising'],
  ['a random walk', walk, 'irregular'],
  ['bursts out of quiet', (i) => (noise(i) > 0.9 ? 500 : 1 + 0.1 * noise(i)), 'irregular'],
  ['what ended a day ago', (i) => (i < HOURS - 24 ? 5 * noise(i) : Number.NaN), 'ended'],
  ['what began a day ago', (i) => (i < HOURS - 24 ? Number.NaN : 5 * noise(i)), 'young'],
  ['what is there every other hour', (i) => (i % 2 === 0 ? 5 * noise(i) : Number.NaN), 'gaps'],
  ['nothing', () => Number.NaN, 'ended'],
];

for (const [name, valueAt, reason] of CASES) {
  test(`${name} ${reason === undefined ? 'is worth watching' : `is left out: ${reason}`}`, () => {
    assert.equal(
      judge(
        Float64Array.from({ length: HOURS }, (_, i) => valueAt(i)),
        HOURS,
      ).reason,
      reason,
    );
  });
}

test('more of a rhythm is more regular, and a young series is judged where nothing is older', () => {
  const wave = (share: number) => (_: unknown, i: number) => share * Math.sin((i / 24) * 2 * Math.PI) + noise(i);
  const regularity = (share: number) => {
    const verdict = judge(Float64Array.from({ length: HOURS }, wave(share)), HOURS);
    return verdict.reason === undefined ? verdict.regularity : Number.NaN;
  };
  assert.ok(regularity(5) > regularity(1) && regularity(1) > regularity(0), `${regularity(5)} ${regularity(1)}`);
  const day = Float64Array.from({ length: HOURS }, (_, i) => (i < HOURS - 30 ? Number.NaN : noise(i)));
  assert.equal(judge(day, 30).reason, undefined);
});
