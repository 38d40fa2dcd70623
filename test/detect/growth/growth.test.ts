import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Growth } from '#src/detect/growth/growth.js';
import { seededRandom } from '../../forecast/series.js';

/** Buckets of ten minutes. */
const DAY = 144;
const HOUR = 6;
const TAIL = 0.005;

/** Days of a series by its value at a bucket, a little shaken, and what comes after them. */
function series(days: number, valueAt: (bucket: number) => number, noise = 0.005) {
  const random = seededRandom(days);
  const n = Math.round(days * DAY);
  const values = Float64Array.from({ length: n }, (_, i) => valueAt(i) + noise * (random() - 0.5));
  const growth = new Growth({ values, perDay: DAY }, TAIL);
  const interval = new Float64Array(3);
  const expected = (ahead: number) => {
    growth.at(ahead, interval);
    return interval[0]!;
  };
  return { growth, interval, expected, came: (ahead: number) => valueAt(n - 1 + ahead) };
}

function close(got: number, want: number, tolerance: number): void {
  assert.ok(Math.abs(got - want) <= tolerance, `${got} for ${want}`);
}

const byDay = (bucket: number) => Math.floor(bucket / DAY) + Math.min(1, (2 * (bucket % DAY)) / DAY);
const sawtooth = (bucket: number) => (2 * (bucket % DAY)) / DAY + bucket / DAY / 10;
/** Grows by one on each of five days of a week. */
const workingDays = (bucket: number) => 5 * Math.floor(bucket / (7 * DAY)) + Math.min((bucket % (7 * DAY)) / DAY, 5);

const shapes: readonly (readonly [name: string, days: number, valueAt: (bucket: number) => number])[] = [
  ['what grows steadily', 10, (bucket) => bucket / DAY],
  ['what shrinks steadily', 10, (bucket) => 100 - bucket / DAY],
  ['what grows by day and rests by night', 10, byDay],
  ['logs that are removed every night', 9.9, sawtooth],
  ['what grows on working days, on a Friday', 18.5, workingDays],
  ['what grows on working days, on a Sunday', 20.5, workingDays],
  ['a young series of three hours', 0.125, (bucket) => bucket / DAY],
];
for (const [name, days, valueAt] of shapes) {
  test(`${name} goes on as it does`, () => {
    const { expected, came } = series(days, valueAt);
    const leads = [HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, DAY + 5 * HOUR, 3 * DAY, 5 * DAY];
    for (const ahead of leads.filter((lead) => lead <= days * DAY)) close(expected(ahead), came(ahead), 0.1);
  });
}

test('what was removed once is not removed again, and does not slow growth down', () => {
  const { expected } = series(10, (bucket) => bucket / DAY - (bucket > 8.3 * DAY ? 6 : 0));
  close(expected(3 * DAY), 10 + 3 - 6, 0.3);
});

test('growth that became four times as fast a day ago counts more than what it was', () => {
  const { expected } = series(10, (bucket) => bucket / DAY + 3 * Math.max(0, bucket / DAY - 9));
  close(expected(12 * HOUR), 10 + 3 + 4 * 0.5, 0.5);
});

test('a series that rests stays, and its interval has no width', () => {
  const { growth, interval } = series(4, () => 5, 0);
  growth.at(2 * DAY, interval);
  assert.deepEqual([...interval], [5, 5, 5]);
});

test('the interval holds what comes in nine cases of ten, at every lead', () => {
  const held = new Map<number, number>();
  const SEEDS = 60;
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = seededRandom(4_000 + seed);
    // Growth that comes in bursts, and more by day.
    const values = new Float64Array(17 * DAY);
    let [level, burst] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      if (random() < 1 / 100) burst = Math.floor(30 * random());
      level += (burst-- > 0 ? 5 : 0.5) * (0.5 + random()) + 3 * Math.sin((2 * Math.PI * i) / DAY) ** 2;
      values[i] = level;
    }
    const known = values.subarray(0, 13 * DAY);
    const growth = new Growth({ values: known, perDay: DAY }, TAIL);
    const interval = new Float64Array(3);
    for (const ahead of [HOUR, 6 * HOUR, DAY, 3 * DAY]) {
      growth.at(ahead, interval);
      const came = values[known.length - 1 + ahead]!;
      const isHeld = came >= interval[1]! && came <= interval[2]!;
      held.set(ahead, (held.get(ahead) ?? 0) + (isHeld ? 1 : 0) / SEEDS);
    }
  }
  for (const [ahead, share] of held) assert.ok(share >= 0.9, `${share} at ${ahead / HOUR} h`);
});

test('gaps are no obstacle', () => {
  const isGap = (i: number) => i % 50 < 20 && i < 8 * DAY - 30;
  const values = Float64Array.from({ length: 8 * DAY }, (_, i) => (isGap(i) ? Number.NaN : i / DAY));
  const interval = new Float64Array(3);
  new Growth({ values, perDay: DAY }, TAIL).at(DAY, interval);
  close(interval[0]!, 9, 0.1);
});

test('of fewer than six values nothing is said', () => {
  const interval = new Float64Array(3);
  for (const values of [new Float64Array(0), Float64Array.of(1, 2, 3, 4, 5), new Float64Array(50).fill(Number.NaN)]) {
    new Growth({ values, perDay: DAY }, TAIL).at(1, interval);
    assert.ok(Number.isNaN(interval[0]!));
  }
});
