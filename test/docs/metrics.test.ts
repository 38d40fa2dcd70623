import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Registry } from 'prom-client';
import { readText } from '../deploy/repository.js';
import { startWholeService } from '../harness/whole-service.js';

/** Both name an address at which nothing listens. */
const PEERS = `
remote_write: [{name: tsdb, url: 'http://127.0.0.1:9/api/v1/write'}]
remote_read: [{name: tsdb, url: 'http://127.0.0.1:9/api/v1/read'}]
query_sources: [{name: tsdb, url: 'http://127.0.0.1:9/api/v1/query_range'}]
queries: [{name: load, expr: sum(load)}]
`;
/** Labels whose values depend on the configuration, the client or the machine. */
const OPEN_LABELS = new Set(['rule', 'target', 'source', 'version', 'node_version', 'percentile', 'le']);

async function sentioRegistry(t: TestContext): Promise<Registry> {
  const { registry } = await startWholeService(t, PEERS);
  for (const { name } of registry.getMetricsAsArray()) {
    if (!name.startsWith('sentio_')) registry.removeSingleMetric(name);
  }
  return registry;
}

/** The first four cells of each row of a metric. */
function documented(): string[][] {
  const rows = readText('docs/metrics.md').matchAll(/^\| `sentio_.*$/gm);
  return [...rows].map(([row]) =>
    row
      .split('|')
      .slice(1, 5)
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}

test('docs/metrics.md has name, type, labels and HELP text of every metric that exists, and of no other', async (t) => {
  const registry = await sentioRegistry(t);
  const registered = registry.getMetricsAsArray().map((metric) => {
    // In prom-client's objects, though not in its types.
    const { name, type, labelNames, help } = metric as typeof metric & { labelNames: string[] };
    return [name, String(type), labelNames.join(', '), help];
  });
  assert.ok(registered.length > 50, `${registered.length} metrics`);
  assert.deepEqual(documented().sort(), registered.sort());
});

test('docs/metrics.md names every label value that starts at 0', async (t) => {
  const page = readText('docs/metrics.md');
  const metrics = await (await sentioRegistry(t)).getMetricsAsJSON();
  const values = metrics.flatMap(({ values }) => values.flatMap(({ labels }) => Object.entries(labels)));
  const known = new Set(values.flatMap(([label, value]) => (OPEN_LABELS.has(label) ? [] : [String(value)])));
  assert.ok(known.has('memory_limit') && known.has('given_up'), [...known].join(', '));
  assert.deepEqual(
    [...known].filter((value) => !page.includes(`\`${value}\``)),
    [],
  );
});
