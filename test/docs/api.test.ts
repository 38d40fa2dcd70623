import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from '../deploy/repository.js';
import { startWholeService } from '../harness/whole-service.js';

test('docs/api.md has a section and a row for every route that is served, and for no other', async (t) => {
  const page = readText('docs/api.md');
  const sections = [...page.matchAll(/^## ((?:GET|POST) \S+)$/gm)].map(([, route]) => route).sort();
  const rows = [...page.matchAll(/^\| \[`((?:GET|POST) \S+)`\]/gm)].map(([, route]) => route).sort();
  const { routes } = await startWholeService(t, '');
  // The names of assets hold hashes.
  const names = routes.map(({ method, url }) => `${method} ${url.replace(/^\/assets\/.+/, '/assets/*')}`);
  const served = [...new Set(names)].filter((name) => !name.startsWith('HEAD ')).sort();
  assert.ok(served.includes('GET /api/v1/series') && served.includes('GET /assets/*'), served.join(', '));
  assert.deepEqual(sections, served);
  assert.deepEqual(rows, served);
});
