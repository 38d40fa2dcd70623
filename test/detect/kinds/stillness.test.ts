import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Stillness, StillRun } from '#src/detect/kinds/stillness.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { Random } from '../../ordinary-days/random.js';

/**
 * Noise around 100, in units of `unit`, that is a twentieth of itself from `fromMs` on, and what was said of each minute
 * after that.
 */
function calmed(fromMs: number, forMs: number, unit = 1e-9): Stillness[] {
  const still = new StillRun();
  const random = new Random(3);
  const values: number[] = [];
  const said: Stillness[] = [];
  for (let t = 0; t < fromMs + forMs; t += MINUTE) {
    const value = 100 + unit * Math.round(((t < fromMs ? 3 : 0.15) * random.normal()) / unit);
    const stillness = still.next(value, values.at(-1) ?? Number.NaN, values.at(-2) ?? Number.NaN, t, MINUTE, true);
    values.push(value);
    if (t >= fromMs) said.push(stillness);
  }
  return said;
}

for (const minute of [0, 20, 35, 55]) {
  test(`StillRun reports within an hour what hardly moves, if that begins ${minute} minutes past the hour`, () => {
    const said = calmed(5 * DAY + 10 * HOUR + minute * MINUTE, 4 * HOUR);
    const first = said.indexOf('calm');
    assert.ok(first > 0 && first < 60, `${first}`);
    assert.equal(said.filter((each) => each === 'calm').length, 120);
  });
}

test('StillRun lets a disk be idle for longer than ever, and reports zeros from three times as long on', () => {
  const still = new StillRun();
  const random = new Random(5);
  const values: number[] = [];
  const next = (value: number) => {
    const [before = Number.NaN, last = Number.NaN] = [values.at(-1), values.at(-2)];
    const stillness = still.next(value, before, last, values.length * MINUTE, MINUTE, true);
    values.push(value);
    return stillness;
  };
  const usual: Stillness[] = [];
  while (values.length * MINUTE < 5 * DAY) {
    for (const idle of [40, 3, 3, 3, 3, 3, 3, 3]) {
      for (let i = 0; i < idle; i++) usual.push(next(0));
      for (let i = 0; i < 20; i++) usual.push(next(1000 * random.uniform()));
    }
  }
  const longer = Array.from({ length: 130 }, () => next(0));
  assert.equal(still.isSparse, false);
  assert.deepEqual(new Set(usual), new Set([undefined]));
  assert.deepEqual(new Set(longer.slice(0, 119)), new Set([undefined]));
  assert.equal(longer.at(-1), 'zero');
});

/** What is said of ten zeros after so many minutes of other values. */
function zerosAfter(minutes: number, valueAt: (minute: number) => number): Stillness[] {
  const still = new StillRun();
  const values = Array.from({ length: minutes + 10 }, (_, i) => (i < minutes ? valueAt(i) : 0));
  const said = values.map((value, i) =>
    still.next(value, values[i - 1] ?? Number.NaN, values[i - 2] ?? Number.NaN, i * MINUTE, MINUTE, true),
  );
  return said.slice(minutes);
}

test('StillRun reports zeros of a young series that had none for half an hour', () => {
  const busy = (minute: number) => 100 + (minute % 7);
  assert.equal(zerosAfter(40, busy).indexOf('zero'), 2);
  assert.equal(zerosAfter(25, busy).indexOf('zero'), -1);
  assert.equal(zerosAfter(120, (minute) => (minute % 20 === 5 ? 0 : busy(minute))).indexOf('zero'), -1);
});

test('StillRun reports the second zero of a series in steps of five minutes that never had one', () => {
  /** What is said of six zeros after four days of a count in which every so many-th step, if any, is 0. */
  const zerosAfterDays = (stepMs: number, zeroEvery = Number.POSITIVE_INFINITY) => {
    const still = new StillRun();
    const usual = Array.from({ length: (4 * DAY) / stepMs }, (_, i) => ((i + 1) % zeroEvery === 0 ? 0 : 20 + (i % 7)));
    const values = [...usual, 0, 0, 0, 0, 0, 0];
    const said = values.map((value, i) =>
      still.next(value, values[i - 1] ?? Number.NaN, values[i - 2] ?? Number.NaN, i * stepMs, stepMs, true),
    );
    return said.slice(usual.length).indexOf('zero');
  };
  assert.deepEqual([zerosAfterDays(5 * MINUTE), zerosAfterDays(MINUTE), zerosAfterDays(5 * MINUTE, 100)], [1, 2, 2]);
});

for (const unit of [0.02, 0.4, 0.5, 0.6]) {
  test(`StillRun reports what hardly moves for two hours, where values are rounded to ${unit} and often the same`, () => {
    const said = calmed(12 * DAY + 10 * HOUR, 4 * HOUR, unit);
    const first = said.findIndex((stillness) => stillness !== undefined);
    assert.ok(first > 0 && first < 60, `${first}`);
    assert.ok(said.slice(first, first + 120).every((stillness) => stillness !== undefined));
  });
}
