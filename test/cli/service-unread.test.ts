import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compress } from '#src/wire/core/snappy.js';
import { MINUTE } from '../fixtures.js';
import { readMetrics } from '../harness/metrics-page.js';
import { eventually } from '../harness/wait.js';
import { startWholeService } from '../harness/whole-service.js';
import { encodeProto } from '../wire/proto.js';

/*
 * Clients that ask again and again on every route that reads, and take nothing of any answer. What is kept for them is bounded,
 * and writes go on.
 */

const SERIES = 300;
const SOCKETS = 10;
const REQUESTS = 50;
/** Beside the answers, what 10 connections, their requests and the machinery of a route take. */
const MOST_BYTES = 48 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const SECONDS = Math.floor(Date.now() / 1000);
const ALL = encodeURIComponent('{__name__="bytes"}');
const ONE = encodeURIComponent('{instance="host-1"}');
const RANGE = `start=${SECONDS - 600}&end=${SECONDS}&step=10`;

/** A path that is asked for; with a body where it is sent one. */
const REQUESTS_OF: readonly (string | { readonly path: string; readonly body: string })[] = [
  '/api/v1/series?limit=300&sparklines=0-100',
  `/api/v1/forecast?match[]=${ONE}&${RANGE}`,
  `/api/v1/explain?match[]=${ONE}`,
  '/api/v1/alarms',
  '/api/v1/incidents',
  '/api/v1/incidents/none',
  '/api/v1/markers',
  '/api/v1/exclusions',
  '/api/v1/config',
  `/prometheus/api/v1/query?query=${ALL}`,
  `/prometheus/api/v1/query_range?query=${ALL}&${RANGE}`,
  `/prometheus/api/v1/query_exemplars?query=${ALL}&start=${SECONDS - 600}&end=${SECONDS}`,
  `/prometheus/api/v1/series?match[]=${ALL}`,
  '/prometheus/api/v1/labels',
  '/prometheus/api/v1/label/id/values',
  '/prometheus/api/v1/metadata',
  '/metrics',
  `/api/v1/preview?match[]=${ALL}`,
  { path: '/api/v1/preview', body: '{"match": "replayed", "change": {"anomaly": {"min_deviation": 5}}}' },
  {
    path: '/api/v1/preview',
    body: '{"match": "replayed", "progress": true, "set": ["anomaly.min_deviation=5"]}',
  },
];

test('answers that nobody reads, on every route, are bounded in memory and keep no write out', async (t) => {
  const { url } = await startWholeService(t, 'defaults: {step: 10s, history: 1d}');
  const write = (name: string, count: number, ...timestamps: number[]) =>
    fetch(`${url}/api/v1/write`, {
      method: 'POST',
      body: compress(
        encodeProto('prometheus.WriteRequest', {
          timeseries: Array.from({ length: count }, (_, i) => ({
            labels: [
              { name: '__name__', value: name },
              { name: 'id', value: `${i}`.padStart(400, 'ab') },
              { name: 'instance', value: `host-${i}` },
            ],
            samples: timestamps.map((timestamp) => ({ value: i, timestamp })),
          })),
        }),
      ),
    });
  const past = Array.from({ length: 200 }, (_, i) => Date.now() - (200 - i) * MINUTE);
  assert.equal((await write('replayed', 1, ...past)).status, 204);
  for (let scrape = 5; scrape > 0; scrape--) {
    assert.equal((await write('bytes', SERIES, Date.now() - scrape * 10_000)).status, 204);
  }
  const stored = async () => (await readMetrics(url)).sum('sentio_receiver_samples_total', { outcome: 'stored' }) ?? 0;
  const takenBytes = () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const { hostname, port } = new URL(url);
  for (const asked of REQUESTS_OF) {
    const { path, body } = typeof asked === 'string' ? { path: asked, body: undefined } : asked;
    const method = body === undefined ? 'GET' : 'POST';
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const all = { ...headers, host: hostname, 'content-length': `${body?.length ?? 0}` };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    await t.test(`${method} ${path.slice(0, 40)}`, async () => {
      const ask = () => fetch(url + path, { method, headers, ...(body !== undefined && { body }) });
      const answer = await ask();
      const text = await answer.text();
      assert.ok(answer.status === 200 || answer.status === 404, `${answer.status} ${text.slice(0, 500)}`);
      const before = await stored();
      const beforeBytes = takenBytes();
      const sockets = await Promise.all(
        Array.from({ length: SOCKETS }, async () => {
          const socket = connect(Number(port), hostname).on('error', () => {});
          await once(socket.pause(), 'connect');
          socket.write(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body ?? ''}`.repeat(REQUESTS));
          return socket;
        }),
      );
      assert.equal((await fetch(`${url}/-/healthy`)).status, 200);
      assert.equal((await write('good', 1, Date.now())).status, 204);
      assert.equal((await stored()) - before, 1);
      assert.ok(takenBytes() - beforeBytes < MOST_BYTES, `${(takenBytes() - beforeBytes) / 2 ** 20} MiB`);
      for (const socket of sockets) socket.destroy();
      await eventually('it is read again', async () => (await ask()).status === answer.status, {
        intervalMs: 10,
      });
    });
  }
});
