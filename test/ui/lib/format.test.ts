import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInterval, formatScore, intervalFormatter, valueFormatter } from '#src/ui/lib/format.js';
import { unitOf } from '#src/ui/lib/units.js';

const values: readonly (readonly [
  metric: string,
  aggregate: string,
  value: number,
  resolution: number,
  want: string,
])[] = [
  ['node_memory_MemFree_bytes', 'mean', 3.153e9, 1e7, '3.15 GB'],
  ['node_memory_MemFree_bytes', 'mean', 999_600, 1e3, '1.000 MB'],
  ['node_network_receive_bytes_total', 'rate', 1_234_567, 1e4, '1.23 MB/s'],
  ['http_request_duration_seconds', 'mean', 0.1234, 0.001, '123 ms'],
  ['backup_age_seconds', 'last', 9_000, 360, '2.5 h'],
  ['node_cpu_seconds_total', 'rate', 0.5, 0.01, '500 ms/s'],
  ['docker_container_cpu_usage_percent', 'mean', 28.43, 0.1, '28.4%'],
  ['disk_used_ratio', 'mean', 0.875, 0.001, '87.5%'],
  ['room_temperature_celsius', 'mean', -4.25, 0.01, '−4.25 °C'],
  ['demo_requests_total', 'rate', 202.4, 1, '202/s'],
  ['demo_requests_total', 'rate', 2_500_000, 1e5, '2.5 M/s'],
  ['node_load1', 'mean', 0.37, 0.01, '0.37'],
  ['queue_length', 'mean', 12_345, 1, '12,345'],
  ['queue_length', 'mean', 123_456, 100, '123.5 k'],
  ['up', 'min', 0, 0, '0'],
];

for (const [metric, aggregate, value, resolution, want] of values) {
  test(`${value} of ${metric} (${aggregate}) is written ${want}`, () => {
    const format = valueFormatter(unitOf(metric, aggregate), value, resolution);
    assert.equal(format(value).replaceAll('\u00a0', ' '), want);
  });
}

test('a Unix time is written as a date', () => {
  const format = valueFormatter(unitOf('process_start_time_seconds', 'last'), 1_795_420_000, 1);
  assert.match(format(1_795_420_000), /^2026-11-2\d \d\d:\d\d:\d\d$/);
});

test('a value and its interval have one prefix and as many decimals, enough to tell them apart', () => {
  const format = intervalFormatter(unitOf('m_bytes', 'mean'), [9.8e8, 1.01e9, 1.05e9]);
  assert.equal(format(9.8e8), '0.980\u00a0GB');
  assert.equal(formatInterval(format, 1.01e9, 1.05e9), '1.010 … 1.050\u00a0GB');
});

test('what is not known is a dash', () => {
  const format = intervalFormatter(unitOf('m', 'mean'), [null, null]);
  assert.equal(format(null), '–');
  assert.equal(formatInterval(format, null, 1), '–');
  assert.equal(formatScore(null), '–');
});

const scores: readonly (readonly [score: number, want: string])[] = [
  [0, '0.00'],
  [0.998, '0.99'],
  [1, '1.00'],
  [1.004, '1.01'],
  [9.994, '9.99'],
  [9.996, '10.0'],
  [99.96, '100'],
  [999.4, '999'],
  [1e9, '>999'],
];
for (const [score, want] of scores) {
  test(`the score ${score} is written ${want}`, () => assert.equal(formatScore(score), want));
}

test('bytes have no fractions with a prefix: next to nothing of them is 0', () => {
  const received = unitOf('node_network_receive_bytes_total', 'rate');
  assert.equal(intervalFormatter(received, [0, 0, 2.56e-9])(0), '0\u00a0B/s');
  assert.equal(intervalFormatter(received, [0.25, 0, 0.5])(0.25), '0.25\u00a0B/s');
});
