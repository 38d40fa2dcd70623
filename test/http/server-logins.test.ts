import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, type Dispatcher, request } from 'undici';
import { startWholeService } from '../harness/whole-service.js';

const LOGINS = `
receiver:
  writers: [{basic_auth: {username: prometheus, password: w}}]
  readers: [{basic_auth: {username: grafana, password: r}}]
  admins: [{basic_auth: {username: root, password: a}}]
`;
/** What answers without credentials: Prometheus and Kubernetes show none, and the page's files hold no data. */
const OPEN = /^\/(?:metrics|-\/healthy|-\/ready|assets\/.+)$/;

test('every route but health, metrics and assets answers 401 without credentials and with wrong ones', async (t) => {
  const { url: base, routes } = await startWholeService(t, LOGINS);
  const wrong = `Basic ${Buffer.from('grafana:w').toString('base64')}`;
  const closed = routes.filter(({ url }) => !OPEN.test(url));
  assert.ok(closed.length >= 10, JSON.stringify(closed));
  const letIn: string[] = [];
  for (const [i, { method, url }] of closed.entries()) {
    // Each from an address of its own, whose first failure is soon answered.
    const agent = new Agent({ localAddress: `127.0.1.${i + 1}` });
    for (const headers of [{}, { authorization: wrong }]) {
      const answer = await request(base + url, { method: method as Dispatcher.HttpMethod, headers, dispatcher: agent });
      await answer.body.dump();
      if (answer.statusCode !== 401) letIn.push(`${method} ${url}: ${answer.statusCode}`);
    }
    await agent.close();
  }
  assert.deepEqual(letIn, []);
});
