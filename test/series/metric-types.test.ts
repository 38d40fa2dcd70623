import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { metricNameOf } from '#src/model/labels/metric-name.js';
import type { MetricType } from '#src/model/samples/metric-type.js';
import type { Aggregate } from '#src/model/settings/settings.js';
import { MetricTypes } from '#src/series/metric-types.js';

test('MetricTypes resolves `auto` by type where one is known, else by name', () => {
  const cases: [types: [family: string, type: MetricType][], name: string, want: Aggregate][] = [
    [[], 'cpu_percent', 'mean'],
    [[], 'http_requests_total', 'rate'],
    // What the docs do not say, a name does not decide: cloudwatch_exporter names gauges so.
    [[], 'aws_elb_request_count_sum', 'mean'],
    [[], 'queue_messages_count', 'mean'],
    [[], 'latency_seconds_bucket', 'mean'],
    [[['latency_seconds', 'histogram']], 'latency_seconds_count', 'rate'],
    [[['latency_seconds', 'histogram']], 'latency_seconds_sum', 'rate'],
    [[['latency_seconds_count', 'histogram']], 'latency_seconds_count', 'rate'],
    [[['latency_seconds', 'summary']], 'latency_seconds_bucket', 'rate'],
    [[['http_requests', 'counter']], 'http_requests_total', 'rate'],
    [[], 'account', 'mean'],
    [[['requests', 'counter']], 'requests', 'rate'],
    [[['memory_total', 'gauge']], 'memory_total', 'mean'],
    [[['memory_total', 'unknown']], 'memory_total', 'rate'],
    [[['latency_seconds', 'histogram']], 'latency_seconds_bucket', 'rate'],
    [[['latency_seconds', 'summary']], 'latency_seconds', 'mean'],
    [[['latency_seconds', 'summary']], 'latency_seconds_sum', 'rate'],
    [[['queue_size', 'gaugehistogram']], 'queue_size_bucket', 'mean'],
    [[['queue_size_bucket', 'gaugehistogram']], 'queue_size_bucket', 'mean'],
    [[['build_info_total', 'info']], 'build_info_total', 'mean'],
  ];
  for (const [types, name, want] of cases) {
    const metricTypes = new MetricTypes();
    for (const [family, type] of types) metricTypes.learn(family, type);
    assert.equal(metricTypes.aggregateOf(name), want, `${name} after ${JSON.stringify(types)}`);
  }
});

test('MetricTypes.learn() tells whether an answer changes, once', () => {
  const types = new MetricTypes();
  assert.equal(types.learn('http_requests_total', 'counter'), false);
  assert.equal(types.learn('requests', 'counter'), true);
  assert.equal(types.learn('requests', 'counter'), false);
});

test('a type that was told wrongly once is corrected when another is told twice in a row', () => {
  const types = new MetricTypes();
  types.learn('requests', 'gauge');
  assert.equal(types.learn('requests', 'counter'), false);
  assert.equal(types.aggregateOf('requests'), 'mean');
  assert.equal(types.learn('requests', 'counter'), true);
  assert.equal(types.aggregateOf('requests'), 'rate');
});

test('targets that disagree about a type do not empty the rings to and fro', () => {
  const types = new MetricTypes();
  let changes = 0;
  for (let i = 0; i < 100; i++) {
    for (const type of ['counter', 'gauge'] as const) if (types.learn('requests', type)) changes++;
  }
  assert.equal(changes, 1, 'in turns');
  for (let i = 0; i < 100; i++) {
    for (const type of ['counter', 'counter', 'gauge', 'gauge'] as const) if (types.learn('requests', type)) changes++;
  }
  assert.ok(changes <= 4, `${changes} in pairs`);
});

test('behavior decides where no type is told, and a fall weighs more than a climb', () => {
  const types = new MetricTypes();
  assert.equal(types.sourceOf('http.server.requests'), 'name');
  assert.equal(types.observe('http.server.requests', 'rate'), true);
  assert.deepEqual(
    [types.aggregateOf('http.server.requests'), types.sourceOf('http.server.requests')],
    ['rate', 'behavior'],
  );
  assert.equal(types.observe('http.server.requests', 'mean'), true);
  assert.equal(types.observe('http.server.requests', 'rate'), false);
  assert.equal(types.aggregateOf('http.server.requests'), 'mean');
  assert.equal(types.learn('http.server.requests', 'counter'), true);
  assert.equal(types.observe('http.server.requests', 'mean'), false);
  assert.deepEqual(
    [types.aggregateOf('http.server.requests'), types.sourceOf('http.server.requests')],
    ['rate', 'type'],
  );
});

test('MetricTypes remembers 20,000 names and counts what it drops', () => {
  const types = new MetricTypes();
  for (let i = 0; i < 20_002; i++) types.learn(`requests_${i}`, 'counter');
  assert.equal(types.aggregateOf('requests_19999'), 'rate');
  assert.equal(types.aggregateOf('requests_20000'), 'mean');
  assert.equal(types.dropped, 2);
});

test('metricNameOf() finds the name wherever it stands', () => {
  const cases: Record<string, string>[] = [
    { __name__: 'up' },
    { __name__: 'up', job: 'a' },
    // Upper case sorts before the underscore; 200 bytes need two bytes of length.
    { A: 'x'.repeat(200), __name__: 'süß'.repeat(60), z: '1' },
    { job: 'a' },
    { __name: 'no', __name___: 'neither' },
  ];
  for (const labels of cases) assert.equal(metricNameOf(encodeLabelBlock(makeLabels(labels))), labels.__name__ ?? '');
});
