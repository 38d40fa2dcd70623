import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs, parseRetryAfter } from '#src/remote/http/backoff.js';

test('backoffMs() doubles up to its limit', () => {
  const unjittered = (failures: number) => backoffMs(failures, 30, 5000, () => 0);
  assert.deepEqual([1, 2, 3, 8, 9, 100, 5000].map(unjittered), [30, 60, 120, 3840, 5000, 5000, 5000]);
});

test('backoffMs() takes off a random part of at most a half', () => {
  assert.equal(
    backoffMs(3, 30, 5000, () => 0.5),
    90,
  );
  assert.equal(
    backoffMs(100, 30, 5000, () => 1),
    2500,
  );
});

test('parseRetryAfter() reads seconds and dates', () => {
  const nowMs = Date.parse('2024-02-29T12:00:00Z');
  const cases: [header: string | undefined, want: number | undefined][] = [
    ['0', 0],
    ['7', 7000],
    [' 120 ', 120_000],
    ['Thu, 29 Feb 2024 12:00:30 GMT', 30_000],
    ['Thu, 29 Feb 2024 11:59:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [header, want] of cases) assert.equal(parseRetryAfter(header, nowMs), want, `"${header}"`);
});
