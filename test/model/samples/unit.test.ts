import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitOf, withUnit } from '#src/model/samples/unit.js';

test('values are written in the unit that the name of their metric ends in', () => {
  for (const [metric, isRate, value, wanted] of [
    ['node_memory_MemAvailable_bytes', false, 1_234_567_890, '1.235 GB'],
    ['node_network_receive_bytes_total', true, 12_345, '12.35 kB/s'],
    ['http_request_duration_seconds', false, 0.413, '413 ms'],
    ['http_request_duration_seconds', false, 3e-7, '0.3 µs'],
    ['http_request_duration_seconds', false, 0, '0 s'],
    ['job_duration_seconds', false, -90, '-90 s'],
    ['job_duration_seconds', false, 5400, '90 min'],
    ['job_duration_seconds', false, 9000, '2.5 h'],
    ['latency_milliseconds', false, 1500, '1.5 s'],
    ['node_cpu_seconds_total', true, 0.25, '0.25 s/s'],
    ['process_start_time_seconds', false, 1_767_571_200, '2026-01-05T00:00:00.000Z'],
    ['disk_used_ratio', false, 0.1234, '12.34 %'],
    ['node_load1', false, 1.5, '1.5'],
    ['http_requests_total', true, 7, '7 /s'],
    ['queue_length', false, -25_000, '-25 k'],
    ['room_celsius', false, 0.00012, '1.20e-4 °C'],
    ['anything', false, Number.NaN, '-'],
  ] as const) {
    assert.equal(withUnit(value, unitOf(metric, isRate)), wanted, metric);
  }
});
