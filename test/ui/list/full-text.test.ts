import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesJson } from '#src/http/api/json/series.js';
import { fullText, timeLeft } from '#src/ui/list/full-text.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = 1_000_000;

const at = (expected: number | null) => ({ expected, earliest: null });

function full(reaches_limit: SeriesJson['reaches_limit'], name = 'disk_used_bytes', time: number | null = NOW): string {
  const last = { time, value: 1, yhat: 1, yhat_lower: 1, yhat_upper: 1, anomaly_score: 0 };
  return fullText({ metric: { __name__: name }, last, reaches_limit });
}

test('what reaches its max is full then, counted from its newest step', () => {
  assert.equal(full({ max: at(NOW + 2 * DAY + 4 * HOUR + 59 * MINUTE) }), 'full in 2 d 4 h');
  assert.equal(full({ max: at(NOW) }), 'full');
});

test('of two limits the one that is reached first counts', () => {
  assert.equal(full({ min: at(NOW + HOUR), max: at(NOW + DAY) }), 'at min in 1 h');
  assert.equal(full({ min: at(null), max: at(NOW + DAY) }), 'full in 1 d');
});

test('at the min of what is left a disk is full, and nothing else is', () => {
  assert.equal(full({ min: at(NOW + HOUR) }, 'node_filesystem_avail_bytes'), 'full in 1 h');
  assert.equal(full({ min: at(NOW + HOUR) }, 'probe_ssl_earliest_cert_expiry'), 'at min in 1 h');
});

test('beyond the horizon there is a dash, and nothing without a limit or a step', () => {
  assert.equal(full({ max: at(null) }), '–');
  assert.equal(full(undefined), '');
  assert.equal(full({ max: at(NOW + HOUR) }, 'disk_used_bytes', null), '');
});

const durations: readonly (readonly [seconds: number, text: string])[] = [
  [5, '1 min'],
  [35 * MINUTE + 59, '35 min'],
  [HOUR, '1 h'],
  [5 * HOUR + 20 * MINUTE, '5 h 20 min'],
  [DAY - 1, '23 h 59 min'],
  [DAY, '1 d'],
  [9 * DAY + 23 * HOUR, '9 d 23 h'],
  [12 * DAY + 23 * HOUR, '12 d'],
];
for (const [seconds, text] of durations) {
  test(`${seconds} seconds left are ${text}`, () => assert.equal(timeLeft(seconds), text));
}
