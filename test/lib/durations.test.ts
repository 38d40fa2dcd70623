import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '#src/lib/durations.js';
import { UsageError } from '#src/lib/errors.js';
import { DAY } from '../fixtures.js';

test('parseDuration() reads Prometheus durations', () => {
  const cases: [text: string, ms: number][] = [
    ['0', 0],
    ['0s', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['15d', 15 * DAY],
    ['1w', 7 * DAY],
    ['1y', 365 * DAY],
    ['1y2w3d4h5m6s7ms', 382 * DAY + 4 * 3_600_000 + 5 * 60_000 + 6_007],
    ['90m', 5_400_000],
    ['007s', 7_000],
    ['292y', 292 * 365 * DAY],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
});

test('parseDuration() refuses anything else', () => {
  const texts = [
    '',
    '1',
    '1 h',
    '1H',
    '-1h',
    '1.5h',
    '30m1h',
    '1h1h',
    '1ms1s',
    'h',
    '1d ',
    '300y',
    `${'9'.repeat(400)}s`,
  ];
  for (const text of texts) assert.throws(() => parseDuration(text), UsageError, text);
});

test('formatDuration() writes what Prometheus writes', () => {
  const cases: [ms: number, text: string][] = [
    [0, '0s'],
    [1, '1ms'],
    [90_000, '1m30s'],
    [14 * DAY, '2w'],
    [15 * DAY, '15d'],
    [90 * DAY, '90d'],
    [365 * DAY, '1y'],
    [366 * DAY, '366d'],
    [372 * DAY, '372d'],
    [730 * DAY, '2y'],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

test('parseDuration() reads back whatever formatDuration() writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 292 * 365 * DAY }), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }),
  );
});
