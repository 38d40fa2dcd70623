import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegistry } from '#src/lib/metrics/registry.js';

test('the registry holds nothing that Prometheus refuses to call well named', async () => {
  const text = await createRegistry({ version: '0' }).metrics();
  assert.match(text, /^sentio_build_info\{version="0",/m);
  assert.match(text, /^sentio_event_loop_lag_seconds\{percentile="99"\} \d/m);
  // As `promtool check metrics` has it: `_total` is for counters, `quantile` for summaries.
  assert.deepEqual(text.match(/^# TYPE \w+_total gauge$/gm), null);
  assert.deepEqual(text.match(/^.*quantile=.*$/gm), null);
});
