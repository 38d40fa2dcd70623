import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWholeService } from '../harness/whole-service.js';

const LOGINS = `
receiver:
  writers: [{basic_auth: {username: prometheus, password: w}}]
  readers: [{basic_auth: {username: grafana, password: r}}]
`;
/** What answers without credentials: Prometheus and Kubernetes show none, and the page's files hold no data. */
const OPEN = /^\/(?:metrics|-\/healthy|-\/ready|assets\/.+)$/;

test('every route but health, metrics and assets answers 401 without credentials and with wrong ones', async (t) => {
  const { url: base, routes } = await startWholeService(t, LOGINS);
  const wrong = `Basic ${Buffer.from('grafana:w').toString('base64')}`;
  const closed = routes.filter(({ url }) => !OPEN.test(url));
  assert.ok(closed.length >= 10, JSON.stringify(closed));
  const letIn: string[] = [];
  for (const { method, url } of closed) {
    for (const headers of [{}, { authorization: wrong }]) {
      const answer = await fetch(base + url, { method, headers });
      await answer.body?.cancel();
      if (answer.status !== 401) letIn.push(`${method} ${url}: ${answer.status}`);
    }
  }
  assert.deepEqual(letIn, []);
});
