import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import {
  counter,
  counterFunc,
  counterFuncBy,
  gauge,
  gaugeFunc,
  gaugeFuncBy,
  histogram,
} from '#src/lib/metrics/metrics.js';

/** What is exposed of a metric, without HELP and TYPE. */
async function exposed(registry: Registry, name: string): Promise<string[]> {
  const text = await registry.getSingleMetricAsString(name);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('counter() starts every combination of the known label values at 0', async () => {
  const registry = new Registry();
  const requests = counter(registry, 'requests_total', 'Requests.', { source: ['a', 'b'], outcome: ['ok', 'failed'] });
  requests.inc({ source: 'b', outcome: 'ok' }, 3);
  assert.deepEqual(await exposed(registry, 'requests_total'), [
    'requests_total{source="a",outcome="ok"} 0',
    'requests_total{source="a",outcome="failed"} 0',
    'requests_total{source="b",outcome="ok"} 3',
    'requests_total{source="b",outcome="failed"} 0',
  ]);
});

test('counter() starts at 0 without labels, and at nothing where the values of a label are not known', async () => {
  const registry = new Registry();
  counter(registry, 'bytes_total', 'Bytes.');
  counter(registry, 'answers_total', 'Answers.', { code: [], outcome: ['ok'] });
  assert.deepEqual(await exposed(registry, 'bytes_total'), ['bytes_total 0']);
  assert.deepEqual(await exposed(registry, 'answers_total'), []);
});

test('gauge() and histogram() have the labels and buckets they were given', async () => {
  const registry = new Registry();
  gauge(registry, 'queue', 'Queue.', ['target']).set({ target: 'a' }, 7);
  histogram(registry, 'seconds', 'Time.', [1, 2], ['target']).observe({ target: 'a' }, 1.5);
  assert.deepEqual(await exposed(registry, 'queue'), ['queue{target="a"} 7']);
  assert.deepEqual(await exposed(registry, 'seconds'), [
    'seconds_bucket{le="1",target="a"} 0',
    'seconds_bucket{le="2",target="a"} 1',
    'seconds_bucket{le="+Inf",target="a"} 1',
    'seconds_sum{target="a"} 1.5',
    'seconds_count{target="a"} 1',
  ]);
});

test('counterFunc() and gaugeFunc() read their value at each scrape', async () => {
  const registry = new Registry();
  let value = 5;
  counterFunc(registry, 'read_total', 'Read.', () => value);
  gaugeFunc(registry, 'level', 'Level.', () => -value);
  assert.deepEqual(await exposed(registry, 'read_total'), ['read_total 5']);
  value = 6;
  assert.deepEqual(await exposed(registry, 'read_total'), ['read_total 6']);
  assert.deepEqual(await exposed(registry, 'level'), ['level -6']);
});

test('counterFuncBy() and gaugeFuncBy() expose the label values of the last read and no others', async () => {
  const registry = new Registry();
  let values: Record<string, number> = { a: 1, b: 2 };
  counterFuncBy(registry, 'drops_total', 'Drops.', 'reason', () => values);
  gaugeFuncBy(registry, 'ratio', 'Ratio.', 'rule', () => values);
  assert.deepEqual(await exposed(registry, 'drops_total'), ['drops_total{reason="a"} 1', 'drops_total{reason="b"} 2']);
  values = { b: 3 };
  assert.deepEqual(await exposed(registry, 'drops_total'), ['drops_total{reason="b"} 3']);
  assert.deepEqual(await exposed(registry, 'ratio'), ['ratio{rule="b"} 3']);
});

test('a name that the registry already has is refused', () => {
  const registry = new Registry();
  counter(registry, 'twice_total', 'Twice.');
  assert.throws(() => gaugeFunc(registry, 'twice_total', 'Twice.', () => 0), /already been registered/);
});
