import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitParam, lookbackParam, rangeTimes } from '#src/http/prometheus/query-params.js';
import { RequestError } from '#src/http/request/failure.js';

test('a limit of 0 means all, however it is written', () => {
  assert.equal(limitParam({ limit: '2' }), 2);
  for (const limit of [undefined, '', '0', '00', '-0', '0.0']) {
    assert.equal(limitParam({ limit }), Number.MAX_SAFE_INTEGER, limit ?? 'absent');
  }
  for (const limit of ['-1', '1.5', 'x', '1e400']) assert.throws(() => limitParam({ limit }), RequestError);
});

test('a lookback that is not positive is the default, as in Prometheus', () => {
  assert.equal(lookbackParam({ lookback_delta: '90s' }), 90_000);
  for (const text of [undefined, '', '0', '-5', '-0.5', '0s', '0ms']) {
    assert.equal(lookbackParam({ lookback_delta: text }), 300_000, text ?? 'absent');
  }
  for (const text of ['-5s', 'x', '1e400']) {
    assert.throws(() => lookbackParam({ lookback_delta: text }), RequestError, text);
  }
});

test('a year is read at a step of an hour and refused, in the words of Prometheus, at a step of a minute', () => {
  const year = { start: '2026-01-01T00:00:00Z', end: '2027-01-01T00:00:00Z' };
  const timesMs = rangeTimes({ ...year, step: '1h' });
  assert.equal(timesMs.length, 365 * 24 + 1);
  assert.equal(timesMs[0], Date.UTC(2026, 0, 1));
  assert.equal(timesMs.at(-1), Date.UTC(2027, 0, 1));
  const refusal = { name: 'RequestError', message: /^exceeded maximum resolution of 11,000 points per timeseries\./ };
  assert.throws(() => rangeTimes({ ...year, step: '1m' }), refusal);
});

test('a range holds 11,000 whole steps, as that of Prometheus, and not one more', () => {
  assert.equal(rangeTimes({ start: '0', end: '11000', step: '1' }).length, 11_001);
  assert.throws(() => rangeTimes({ start: '0', end: '11001', step: '1' }), /exceeded maximum resolution/);
});
