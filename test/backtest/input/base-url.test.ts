import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseUrlOf } from '#src/backtest/input/base-url.js';
import { UsageError } from '#src/lib/errors.js';

test('the address of Prometheus is taken as people write it', () => {
  for (const [text, url] of [
    ['http://localhost:9090', 'http://localhost:9090/'],
    ['localhost:9090', 'http://localhost:9090/'],
    ['http://localhost:9090/graph?g0.expr=up#x', 'http://localhost:9090/'],
    ['https://host/prometheus/api/v1/query_range', 'https://host/prometheus'],
    ['https://host/select/0/prometheus/', 'https://host/select/0/prometheus/'],
    ['http://vm:8428/vmui/#/?x=1', 'http://vm:8428/'],
    ['http://user:word@host/?tenant=a', 'http://user:word@host/?tenant=a'],
  ] as const) {
    assert.equal(baseUrlOf(text).href, url, text);
  }
});

test('what is no address is refused', () => {
  for (const text of ['ftp://host', 'http://', 'node load']) assert.throws(() => baseUrlOf(text), UsageError, text);
});
