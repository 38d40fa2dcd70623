import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from '../deploy/repository.js';
import { startWholeService } from '../harness/whole-service.js';

/** Routes of the query API have one section together, and one row for GET and POST. */
const QUERY_API = '/prometheus/api/v1';

test('docs/api.md has a section and a row for every route that is served, and for no other', async (t) => {
  const page = readText('docs/api.md');
  const sections = [...page.matchAll(/^## ((?:GET|POST|DELETE) \S+)$/gm)].map(([, route]) => route).sort();
  const rows = [...page.matchAll(/^\| \[?`((?:GET|POST|DELETE) \S+)`/gm)].map(([, route]) => route).sort();
  const { routes } = await startWholeService(t, '');
  // The names of assets hold hashes.
  const names = routes.map(({ method, url }) => `${method} ${url.replace(/^\/assets\/.+/, '/assets/*')}`);
  const isSaidBefore = (name: string) =>
    name.includes(QUERY_API) && names.includes(name.replace('GET', 'POST')) && name.startsWith('GET');
  const served = [...new Set(names)].filter((name) => !name.startsWith('HEAD ') && !isSaidBefore(name)).sort();
  assert.ok(served.includes('GET /api/v1/series') && served.includes('GET /assets/*'), served.join(', '));
  assert.ok(page.includes(`\n## ${QUERY_API}\n`));
  assert.deepEqual(
    sections,
    served.filter((route) => !route.includes(QUERY_API)),
  );
  assert.deepEqual(rows, served);
});
