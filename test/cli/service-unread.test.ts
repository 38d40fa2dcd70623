import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compress } from '#src/wire/core/snappy.js';
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

const PATHS: readonly string[] = [
  '/api/v1/series?limit=300&sparklines=0-100',
  `/api/v1/forecast?match[]=${ONE}&${RANGE}`,
  `/api/v1/explain?match[]=${ONE}`,
  '/api/v1/alarms',
  '/api/v1/incidents',
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
];

test('answers that nobody reads, on every route, are bounded in memory and keep no write out', async (t) => {
  const { url } = await startWholeService(t, 'defaults: {step: 10s, history: 1d}');
  const write = (name: string, count: number, timestamp: number) =>
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
            samples: [{ value: i, timestamp }],
          })),
        }),
      ),
    });
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
  for (const path of PATHS) {
    await t.test(path.slice(0, 40), async () => {
      const answer = await fetch(url + path);
      await answer.arrayBuffer();
      assert.ok(answer.status === 200 || answer.status === 404, `${answer.status}`);
      const before = await stored();
      const beforeBytes = takenBytes();
      const sockets = await Promise.all(
        Array.from({ length: SOCKETS }, async () => {
          const socket = connect(Number(port), hostname).on('error', () => {});
          await once(socket.pause(), 'connect');
          socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`.repeat(REQUESTS));
          return socket;
        }),
      );
      assert.equal((await fetch(`${url}/-/healthy`)).status, 200);
      assert.equal((await write('good', 1, Date.now())).status, 204);
      assert.equal((await stored()) - before, 1);
      assert.ok(takenBytes() - beforeBytes < MOST_BYTES, `${(takenBytes() - beforeBytes) / 2 ** 20} MiB`);
      for (const socket of sockets) socket.destroy();
      await eventually('it is read again', async () => (await fetch(url + path)).status === answer.status, {
        intervalMs: 10,
      });
    });
  }
});
