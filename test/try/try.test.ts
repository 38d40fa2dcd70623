import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { text as streamText } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { checkConfig } from '#src/cli/check-config.js';
import { loadConfig } from '#src/config/load.js';
import { formatSelector } from '#src/model/labels/selector.js';
import { type TryFlags, tryOut } from '#src/try/try.js';
import { DAY, MINUTE } from '../fixtures.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { queryValue } from '../harness/promql.js';
import { sendSeries } from '../harness/remote-write.js';
import { startVictoriaMetrics } from '../harness/victoria-metrics.js';
import { eventually, HANG_MS } from '../harness/wait.js';

const STEP = 5 * MINUTE;
const endMs = Math.floor(Date.now() / STEP) * STEP;
/** Two days ago, for half an hour. */
const INCIDENT = [endMs - 2 * DAY, endMs - 2 * DAY + 6 * STEP] as const;

/** A daily wave from `phase` on with noise that is its own, the same in every run. */
const wave = (phase: number) => (timeMs: number) => {
  const steps = (timeMs - endMs) / STEP;
  return (
    100 +
    30 * Math.sin((2 * Math.PI * (timeMs - endMs)) / DAY + phase) +
    4 * Math.sin(steps * (12.9898 + phase) + phase)
  );
};
const load = (timeMs: number) => (timeMs >= INCIDENT[0] && timeMs < INCIDENT[1] ? 400 : wave(0)(timeMs));

function series() {
  const times = Array.from({ length: (14 * DAY) / STEP }, (_, i) => endMs - 14 * DAY + (i + 1) * STEP);
  const of = (labels: Record<string, string>, valueAt: (timeMs: number) => number) => ({
    labels,
    points: times.map((timeMs) => ({ timeMs, value: valueAt(timeMs) })),
  });
  let total = 0;
  return [
    of({ __name__: 'load', host: 'a' }, load),
    of({ __name__: 'load', host: 'b "new"/1' }, wave(1)),
    of({ __name__: 'load_copy', host: 'a' }, (timeMs) => 2 * load(timeMs)),
    of({ __name__: 'requests_total', host: 'a' }, (timeMs) => (total += wave(2)(timeMs))),
    of({ __name__: 'build', host: 'a' }, () => 1),
    of({ __name__: 'latency_bucket', host: 'a', le: '1' }, wave(3)),
    of({ __name__: 'load_yhat', host: 'a' }, wave(0)),
  ];
}

async function run(flags: TryFlags) {
  let [stdout, stderr] = ['', ''];
  const code = await tryOut(flags, {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

describe('sentio try of a Prometheus', { skip: skipUnlessInstalled('prometheus'), timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  let prometheus: Prometheus;
  before(async () => {
    prometheus = await startPrometheus(cleanup);
    await sendSeries(`${prometheus.url}/api/v1/write`, series());
  });
  after(() => cleanup.run());

  it('finds what is worth watching, says when it would have called, and writes a report and a configuration', async () => {
    const out = await temporaryFolder(cleanup);
    const { code, stdout, stderr } = await run({ url: `${prometheus.url}/graph`, texts: [], out });
    assert.equal(code, 0, stderr);
    const day = new Date(INCIDENT[0]).toISOString();
    assert.match(stdout, /^Of 6 series, 3 are worth watching\.\nYou would have been called once last week \(UTC\):\n/);
    assert.ok(stdout.includes(`${day.slice(0, 10)} ${day.slice(11, 16)}  load{host="a"}\n`), stdout);
    for (const line of ['1 never change, or hardly', '1 move as another one does', '1 are about scraping']) {
      assert.ok(stdout.includes(`  ${line}`), `${line} is not in:\n${stdout}`);
    }
    assert.match(readFileSync(join(out, 'report.html'), 'utf8'), /<h2>load\{host=&quot;a&quot;\}<\/h2>/);

    const file = join(out, 'sentio.yml');
    assert.equal(checkConfig(file, { write: () => {} }), 0);
    const { rules, remoteWrite } = loadConfig(file);
    assert.deepEqual(
      rules.map(({ settings, selectors }) => [settings.stepMs, selectors.map(formatSelector)]),
      [
        [
          STEP,
          [
            '{__name__="load", host="a"}',
            '{__name__="load", host="b \\"new\\"/1"}',
            '{__name__="requests_total", host="a"}',
          ],
        ],
      ],
    );
    assert.equal(remoteWrite[0]!.url, `${prometheus.url}/api/v1/write`);
  });

  it('takes selectors and expressions as they are, and makes queries of the latter', async () => {
    const out = await temporaryFolder(cleanup);
    const texts = ['load{host="a"}', 'sum by (host) (rate(requests_total[10m]))', 'max(load)'];
    const { code, stdout, stderr } = await run({ url: prometheus.url, texts, out });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Of 3 series, 3 are worth watching\./);
    assert.deepEqual(
      loadConfig(join(out, 'sentio.yml')).rules.map(
        ({ query, selectors }) => query?.expression ?? selectors.map(formatSelector),
      ),
      ['sum by (host) (rate(requests_total[10m]))', 'max(load)', ['{__name__="load", host="a"}']],
    );
  });

  it('replays no more than the limit, and keeps a configuration that was there', async () => {
    const out = await temporaryFolder(cleanup);
    await writeFile(join(out, 'sentio.yml'), '# mine\n');
    const { code, stdout } = await run({ url: prometheus.url, texts: [], out, limit: '1' });
    assert.equal(code, 0);
    assert.match(stdout, /^Of 6 series, 3 are worth watching, of which the most regular one was replayed\.\n/);
    assert.equal(readFileSync(join(out, 'sentio.yml.old'), 'utf8'), '# mine\n');
  });

  it('says of a name that is not there where to look, and of too many what to do', async () => {
    const out = await temporaryFolder(cleanup);
    const { code, stderr } = await run({ url: prometheus.url, texts: ['lod'], out });
    assert.equal(code, 1);
    assert.equal(stderr, `lod gives no series now: look for its name at ${prometheus.url}/graph\n`);
    const unfinished = await run({ url: prometheus.url, texts: ['sum(load'], out });
    assert.match(unfinished.stderr, /HTTP 400: .*parse error/);
  });
});

describe('sentio try of a VictoriaMetrics', { skip: skipUnlessInstalled('victoria-metrics'), timeout: 60_000 }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('finds the same as in a Prometheus', async () => {
    const { url } = await startVictoriaMetrics(cleanup);
    await sendSeries(`${url}/api/v1/write`, series());
    await eventually('the last samples are there', async () => (await queryValue(url, 'count(load_copy)')) === 1);
    const out = await temporaryFolder(cleanup);
    const { code, stdout, stderr } = await run({ url, texts: [], out });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Of 6 series, 3 are worth watching\.\nYou would have been called once last week \(UTC\):\n/);
    assert.equal(checkConfig(join(out, 'sentio.yml'), { write: () => {} }), 0);
  });
});

describe('sentio try of what is no Prometheus, or not ready', () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  /** What it says of a server that answers like that. */
  async function said(listener: RequestListener): Promise<string> {
    const address = await startHttpServer(cleanup, listener);
    const { code, stdout, stderr } = await run({ url: address, texts: [], out: await temporaryFolder(cleanup) });
    assert.deepEqual([code, stdout], [1, '']);
    return stderr.replaceAll(address, 'HOST');
  }

  /** An answer with one series for each name, if any. */
  const matrix = (values: readonly number[], ...names: string[]) => {
    const points = values.map((value, i) => [Date.now() / 1000 - (values.length - 1 - i) * 3600, String(value)]);
    const result = names.map((name) => ({ metric: { __name__: name }, values: points }));
    return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
  };

  it('says each in a sentence, with the remedy', async () => {
    assert.match(
      await said((_, response) => response.writeHead(401).end('Unauthorized')),
      /^Cannot read from http:\/\/HOST\/: HTTP 401: Unauthorized\. It needs a login: put it into the URL \(http:\/\/user:password@host\), or set basic_auth/,
    );
    assert.match(
      await said((_, response) => response.writeHead(502).end('<html><title>502 Bad Gateway</title>')),
      /HTTP 502: 502 Bad Gateway\. A proxy answers that does not reach what is behind it/,
    );
    assert.match(
      await said((_, response) => response.writeHead(404).end('no such page')),
      /HTTP 404: no such page\. This is no Prometheus: is it the right port\?/,
    );
    assert.match(
      await said((_, response) => response.writeHead(302, { location: 'https://elsewhere' }).end()),
      /HTTP 302.* Redirects are not followed: give the address that it redirects to\.\n$/,
    );
    assert.match(
      await said((_, response) => response.end('<!doctype html>')),
      /Is this the address of a Prometheus, and not of Grafana or another page\?\n$/,
    );
    assert.match(
      await said((_, response) => response.end(matrix([]))),
      /^http:\/\/HOST\/ has no series now: does it scrape/,
    );
  });

  for (const [minutes, shown] of [
    [20, '2[01] min'],
    [240, '4 h'],
  ] as const) {
    it(`says that the history is too short where it is ${shown} long`, async () => {
      const beganMs = Math.floor(Date.now() / MINUTE - minutes) * MINUTE;
      const asked: string[] = [];
      const text = await said(async (request, response) => {
        const parameters = new URLSearchParams(await streamText(request));
        const [startMs, endMs, stepMs] = ['start', 'end', 'step'].map((key) => Number(parameters.get(key)) * 1000);
        asked.push(`${parameters.get('query')}`);
        const times = Array.from(
          { length: 1 + Math.round((endMs! - startMs!) / stepMs!) },
          (_, i) => startMs! + i * stepMs!,
        );
        const values = times.filter((timeMs) => timeMs >= beganMs).map((timeMs) => [timeMs / 1000, '1']);
        const result = [{ metric: { __name__: 'load' }, values }];
        response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
      });
      assert.match(
        text,
        new RegExp(
          `\nThere are ${shown} of history at http://HOST/, and a rhythm shows after a day at least: try again later`,
        ),
        asked.join(),
      );
    });
  }

  it('says that nothing listens, and refuses a limit that is none', async () => {
    const out = await temporaryFolder(cleanup);
    const { stderr } = await run({ url: 'http://127.0.0.1:1', texts: [], out });
    assert.match(
      stderr,
      /ECONNREFUSED.*\. Nothing listens there: is Prometheus running at http:\/\/127\.0\.0\.1:1\?\n$/,
    );
    const { stderr: limit } = await run({ url: 'http://127.0.0.1:1', texts: [], out, limit: '0' });
    assert.equal(limit, '--limit must be a number of series from 1 to 5000, got "0"\n');
  });
});
