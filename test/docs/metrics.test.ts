import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Registry } from 'prom-client';
import { readText } from '../deploy/repository.js';
import { startWholeService } from '../harness/whole-service.js';

/** Peers at an address where nothing listens, a query and a marker. */
const CONFIG = `
remote_write: [{name: tsdb, url: 'http://127.0.0.1:9/api/v1/write'}]
remote_read: [{name: tsdb, url: 'http://127.0.0.1:9/api/v1/read'}]
query_sources: [{name: tsdb, url: 'http://127.0.0.1:9/api/v1/query_range'}]
queries: [{name: load, expr: sum(load)}]
markers: [{name: deploy, match: [build_info], labels: [version]}]
`;
/** Labels whose values depend on the configuration, the client or the machine. */
const OPEN_LABELS = new Set([
  'rule',
  'calendar',
  'marker',
  'target',
  'source',
  'version',
  'node_version',
  'percentile',
  'le',
  'grafana_url',
  'docs_url',
  'page_url',
]);

async function sentioRegistry(t: TestContext): Promise<Registry> {
  const { registry } = await startWholeService(t, CONFIG);
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

/** Counters by rule start at 0 with the first series of the rule. */
const BY_RULE = ['sentio_anomalies_total', 'sentio_level_shifts_accepted_total', 'sentio_level_shifts_reverted_total'];

test('every counter starts at 0 for each combination of its label values, so that the first event is an increase', async (t) => {
  const metrics = await (await sentioRegistry(t)).getMetricsAsJSON();
  const counters = metrics.filter(({ name, type }) => String(type) === 'counter' && !BY_RULE.includes(name));
  assert.ok(counters.length > 20, `${counters.length} counters`);
  const incomplete = counters.filter(({ values }) => {
    const names = new Set(values.flatMap(({ labels }) => Object.keys(labels)));
    const sizes = [...names].map((name) => new Set(values.map(({ labels }) => labels[name])).size);
    return values.length === 0 || values.length !== sizes.reduce((product, size) => product * size, 1);
  });
  assert.deepEqual(
    incomplete.map(({ name }) => name),
    [],
  );
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
