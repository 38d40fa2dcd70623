import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, type Dispatcher, request } from 'undici';
import { startWholeService } from '../harness/whole-service.js';

/*
 * Every route by what it is, and who may ask it from where. A route that is added has to be put into one of these classes.
 */

type Permission = 'read' | 'write' | 'admin';
type Kind = 'open' | 'page' | 'data' | 'change' | 'protobuf';

const KINDS: Readonly<Record<string, readonly [Kind, Permission?]>> = {
  'POST /api/v1/write': ['protobuf', 'write'],
  'POST /api/v1/read': ['protobuf', 'read'],
  'GET /metrics': ['open'],
  'GET /-/healthy': ['open'],
  'GET /-/ready': ['open'],
  'GET /assets/*': ['open'],
  'GET /': ['page', 'read'],
  'POST /-/reload': ['change', 'admin'],
  'POST /api/v1/exclusions': ['change', 'admin'],
  'DELETE /api/v1/exclusions/:id': ['change', 'admin'],
  'GET /api/v1/alarms': ['data', 'read'],
  'GET /api/v1/exclusions': ['data', 'read'],
  'GET /api/v1/explain': ['data', 'read'],
  'GET /api/v1/forecast': ['data', 'read'],
  'GET /api/v1/incidents': ['data', 'read'],
  'GET /api/v1/incidents/:id': ['data', 'read'],
  'GET /api/v1/markers': ['data', 'read'],
  'POST /api/v1/preview': ['data', 'read'],
  'GET /api/v1/series': ['data', 'read'],
  'GET /api/v1/status/config': ['data', 'read'],
  'GET /api/v1/status/page': ['data', 'read'],
  'GET /api/v1/preview': ['data', 'read'],
  'GET /prometheus/api/v1/label/:name/values': ['data', 'read'],
  'GET /prometheus/api/v1/metadata': ['data', 'read'],
  'GET /prometheus/api/v1/status/buildinfo': ['data', 'read'],
  // And GET, by the same hooks.
  'POST /prometheus/api/v1/labels': ['data', 'read'],
  'POST /prometheus/api/v1/query': ['data', 'read'],
  'POST /prometheus/api/v1/query_exemplars': ['data', 'read'],
  'POST /prometheus/api/v1/query_range': ['data', 'read'],
  'POST /prometheus/api/v1/series': ['data', 'read'],
};

const LOGINS = `
receiver:
  writers: [{basic_auth: {username: write, password: x}}]
  readers: [{basic_auth: {username: read, password: x}}]
  admins: [{basic_auth: {username: admin, password: x}}]
`;
const PERMISSIONS: readonly Permission[] = ['read', 'write', 'admin'];

interface Asked {
  readonly name: string;
  readonly kind: Kind;
  readonly permission: Permission | undefined;
  /** The status and CORS header of an answer to a request with these headers. */
  ask(headers: Readonly<Record<string, string>>): Promise<{ status: number; shared: boolean }>;
}

/** Every route that is served, to be asked. */
async function routesOf(t: Parameters<typeof startWholeService>[0], yaml: string): Promise<Asked[]> {
  const { url: base, routes } = await startWholeService(t, yaml);
  const served = routes.filter(({ method }) => method !== 'HEAD');
  const nameOf = ({ method, url }: (typeof served)[number]) => `${method} ${url.replace(/^\/assets\/.+/, '/assets/*')}`;
  const names = [...new Set(served.map(nameOf))].sort();
  assert.deepEqual(names, Object.keys(KINDS).sort(), 'each route has its class: data, a change, …');
  return served.map((route, i) => {
    const { method, url } = route;
    const name = nameOf(route);
    const known = KINDS[name]!;
    const ask = async (headers: Readonly<Record<string, string>>) => {
      // Each from an address of its own: failed logins are slowed.
      const agent = new Agent({ localAddress: `127.0.2.${i + 1}` });
      const type = known[0] === 'protobuf' ? { 'content-type': 'application/x-protobuf' } : {};
      const answer = await request(base + url, {
        method: method as Dispatcher.HttpMethod,
        headers: { ...type, ...headers },
        dispatcher: agent,
      });
      await answer.body.dump();
      await agent.close();
      return { status: answer.statusCode, shared: 'access-control-allow-origin' in answer.headers };
    };
    return { name, kind: known[0], permission: known[1], ask };
  });
}

test('no route serves another page, and none but protobuf and the open ones an unknown host', async (t) => {
  const routes = await routesOf(t, '');
  assert.ok(routes.length > 25, `${routes.length} routes`);
  const wrong: string[] = [];
  for (const { name, kind, ask } of routes) {
    const changes = !name.startsWith('GET');
    const isOpen = kind === 'open' || kind === 'protobuf';
    const check = (what: string, holds: boolean) => {
      if (!holds) wrong.push(`${name}: ${what}`);
    };
    const own = await ask({ host: 'localhost:9201', origin: 'http://localhost:9201' });
    check(`its own page gets ${own.status}`, ![401, 403, 421].includes(own.status));
    const rebound = await ask({ host: 'evil.example:9201' });
    check(`an unknown host gets ${rebound.status}`, (rebound.status === 421) === !isOpen);
    const other = await ask({ host: 'localhost:9201', origin: 'http://evil.example' });
    check(`another origin gets ${other.status}`, (other.status === 403) === changes);
    const opaque = await ask({ host: 'localhost:9201', origin: 'null' });
    check(`an opaque origin gets ${opaque.status}`, (opaque.status === 403) === changes);
    const fetched = await ask({ host: 'localhost:9201', 'sec-fetch-site': 'cross-site' });
    check(`a cross-site request gets ${fetched.status}`, (fetched.status === 403) === changes);
    check('it is shared with other origins', ![own, rebound, other, opaque, fetched].some(({ shared }) => shared));
  }
  assert.deepEqual(wrong, []);
});

test('HEAD is served where a probe or a browser asks, and nowhere else', async (t) => {
  const { url: base, routes } = await startWholeService(t, '');
  const headsOf = routes
    .filter(({ method }) => method === 'HEAD')
    .map(({ url }) => url.replace(/^\/assets\/.+/, '/assets/*'));
  assert.deepEqual([...new Set(headsOf)].sort(), ['/', '/-/healthy', '/-/ready', '/assets/*']);
  const answer = await fetch(`${base}/api/v1/series`, { method: 'HEAD' });
  assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET']);
});

test('every route is open to the login that has its permission, and to no other', async (t) => {
  const wrong: string[] = [];
  for (const { name, permission, ask } of await routesOf(t, LOGINS)) {
    const nobody = await ask({});
    if ((nobody.status === 401) !== (permission !== undefined))
      wrong.push(`${name} answers ${nobody.status} to nobody`);
    for (const user of PERMISSIONS) {
      const { status } = await ask({ authorization: `Basic ${Buffer.from(`${user}:x`).toString('base64')}` });
      const mayAsk = permission === undefined || user === permission;
      if ((status === 403) === mayAsk || status === 401) wrong.push(`${name} answers ${status} to ${user}`);
    }
  }
  assert.deepEqual(wrong, []);
});
