import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge, Registry } from 'prom-client';
import { MetricsPage } from '#src/http/metrics-page.js';

test('metrics are rendered once for all who ask at one time, and anew for the next', async () => {
  const registry = new Registry();
  let collected = 0;
  new Gauge({
    name: 'a',
    help: 'A.',
    registers: [registry],
    collect() {
      this.set(++collected);
    },
  });
  new Gauge({ name: 'b', help: 'B.', registers: [registry] }).set(7);
  const page = new MetricsPage(registry);
  const texts = await Promise.all(Array.from({ length: 100 }, () => page.render()));
  assert.equal(collected, 1);
  assert.equal(new Set(texts).size, 1, 'and share one buffer');
  assert.equal(
    String(texts[0]),
    '# HELP a A.\n# TYPE a gauge\na 1\n\n# HELP b B.\n# TYPE b gauge\nb 7\n',
    'in the form of registry.metrics()',
  );
  await page.render();
  assert.equal(collected, 2);
});

test('what cannot be rendered is tried anew by the next who asks', async () => {
  const registry = new Registry();
  let fails = true;
  new Gauge({
    name: 'a',
    help: 'A.',
    registers: [registry],
    collect() {
      if (fails) throw new Error('no');
    },
  });
  const page = new MetricsPage(registry);
  await assert.rejects(page.render(), /no/);
  fails = false;
  assert.match(String(await page.render()), /^a 0$/m);
});
