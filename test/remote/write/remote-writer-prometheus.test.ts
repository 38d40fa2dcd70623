import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { block, DRAIN_MS, startWriter, until } from './writer-setup.js';

const BINARY = '/usr/bin/prometheus';
const required = process.env.SENTIO_REQUIRE_E2E === '1';
const skip = existsSync(BINARY) || required ? false : `there is no ${BINARY}`;

let prometheus: ChildProcess;
let folder: string;
let url: string;

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'sentio-prometheus-'));
  await writeFile(join(folder, 'prometheus.yml'), 'storage: {tsdb: {out_of_order_time_window: 1m}}');
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  prometheus = spawn(
    BINARY,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
    ],
    { stdio: 'ignore' },
  );
  await until(async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true);
});

after(async () => {
  if (skip) return;
  const exited = new Promise((resolve) => prometheus.once('exit', resolve));
  prometheus.kill();
  await exited;
  await rm(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The result of an instant query: value by the label `i`. */
async function query(promql: string, timeMs: number): Promise<Record<string, string>> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}&time=${timeMs / 1000}`);
  const { data } = (await response.json()) as {
    data: { result: { metric: { i: string }; value: [number, string] }[] };
  };
  return Object.fromEntries(data.result.map(({ metric, value }) => [metric.i, value[1]]));
}

test('Prometheus takes our samples, and a stale marker ends a series there', { skip }, async () => {
  const nowMs = Date.now();
  const { writer, metric } = startWriter([{ url: `${url}/api/v1/write` }], { now: Date.now });
  for (const timeMs of [nowMs - 60_000, nowMs]) {
    for (let i = 0; i < 3; i++) writer.append(block('taken', i), '_yhat', undefined, timeMs, i + 0.5);
    writer.append(block('taken', 0), '_yhat', { name: 'horizon', value: '1h' }, timeMs, 7);
  }
  writer.appendStale(block('taken', 1), '_yhat', undefined, nowMs + 1000);
  await writer.close(DRAIN_MS);
  assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 9 });

  const plain = 'taken_yhat{horizon=""}';
  assert.deepEqual(await query(plain, nowMs - 30_000), { 0: '0.5', 1: '1.5', 2: '2.5' });
  assert.deepEqual(await query(plain, nowMs), { 0: '0.5', 1: '1.5', 2: '2.5' });
  assert.deepEqual(await query(plain, nowMs + 1000), { 0: '0.5', 2: '2.5' });
  assert.deepEqual(await query('taken_yhat{horizon="1h"}', nowMs), { 0: '7' });
});

test('Prometheus refuses a request for one bad sample, and gets all the others', { skip }, async () => {
  const nowMs = Date.now();
  const cases: [name: string, badTimeMs: number, reason: string][] = [
    ['duplicate', nowMs, 'HTTP 400: duplicate sample for timestamp'],
    // With an out-of-order window 2.42 answers 500 to what is older than the window.
    ['ancient', nowMs - 120_000, 'HTTP 500: too old sample'],
  ];
  for (const [name, badTimeMs, reason] of cases) {
    const { writer, lines, metric } = startWriter([{ url: `${url}/api/v1/write` }], { now: Date.now });
    for (let i = 0; i < 100; i++) writer.append(block(name, i), '_yhat', undefined, nowMs, 0);
    for (let i = 0; i < 100; i++) {
      writer.append(block(name, i), '_yhat', undefined, i === 42 ? badTimeMs : nowMs + 1000, 1);
    }
    await writer.close(DRAIN_MS);
    assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 199, rejected: 1 }, name);
    const lost = lines.map((line) => JSON.parse(line)).filter(({ series }) => series !== undefined);
    assert.deepEqual(
      lost.map(({ series, reason }) => [series, reason]),
      [[`${name}_yhat{i="42"}`, reason]],
    );
    assert.equal(Object.keys(await query(`${name}_yhat == 1`, nowMs + 1000)).length, 99, name);
  }
});

test('Prometheus 2.42, which answers 204 to protocol 2.0 and stores nothing, gets 1.0', { skip }, async () => {
  const nowMs = Date.now();
  const { writer, lines, metric } = startWriter([{ url: `${url}/api/v1/write`, protocol: '2.0' }], { now: Date.now });
  for (let i = 0; i < 3; i++) writer.append(block('fallback', i), '_yhat', undefined, nowMs, i);
  await writer.close(DRAIN_MS);
  assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 3 });
  assert.match(lines.join(), /does not support protocol 2\.0/);
  assert.deepEqual(await query('fallback_yhat', nowMs), { 0: '0', 1: '1', 2: '2' });
});
