import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import bcrypt from 'bcryptjs';
import { type Certificate, makeCertificate } from '../harness/certificates.js';
import { type Child, startChild } from '../harness/child.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { fastClock } from '../harness/loop.js';
import { freePort } from '../harness/port.js';
import { complaints } from '../harness/prometheus.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { startCommand, troubles } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { Shop } from '../harness/workload.js';

const HASH_COST = 4;

/** What an https:// server answered, and the name in its certificate. */
interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly shown: unknown;
}

describe('a web configuration that Prometheus takes too', {
  skip: skipUnlessInstalled('prometheus', 'promtool', 'openssl'),
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('guards both of a Prometheus and a Sentio that write to each other, and what it names may change', async () => {
    const folder = await temporaryFolder(cleanup);
    const authority = makeCertificate(folder, 'authority');
    const server = makeCertificate(folder, 'server', authority);
    const client = makeCertificate(folder, 'client', authority);
    const webFile = join(folder, 'web.yml');
    const passwordFile = join(folder, 'password');
    const setPassword = (password: string) => {
      writeFileSync(passwordFile, password);
      writeFileSync(
        webFile,
        JSON.stringify({
          tls_server_config: {
            cert_file: server.certFile,
            key_file: server.keyFile,
            client_ca_file: authority.certFile,
            client_auth_type: 'RequireAndVerifyClientCert',
            min_version: 'TLS12',
          },
          http_server_config: { headers: { 'Strict-Transport-Security': 'max-age=60' } },
          basic_auth_users: { shop: bcrypt.hashSync(password, HASH_COST) },
        }),
      );
    };
    setPassword('first');
    const checked = spawnSync('promtool', ['check', 'web-config', webFile], { encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);

    const ports = { sentio: await freePort(), prometheus: await freePort() };
    const urls = { sentio: `https://localhost:${ports.sentio}`, prometheus: `https://localhost:${ports.prometheus}` };
    const login = {
      basic_auth: { username: 'shop', password_file: passwordFile },
      tls_config: { ca_file: authority.certFile, cert_file: client.certFile, key_file: client.keyFile },
    };
    const target = await startScrapeTarget(cleanup, new Shop().series);
    const sentioFile = join(folder, 'sentio.yml');
    const remoteWrite = [
      { url: `${urls.prometheus}/api/v1/write`, ...login, queue_config: { batch_send_deadline: '200ms' } },
    ];
    writeFileSync(sentioFile, JSON.stringify({ ...fastClock(remoteWrite), receiver: {} }));
    const prometheusFile = join(folder, 'prometheus.yml');
    writeFileSync(
      prometheusFile,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [
          { job_name: 'shop', static_configs: [{ targets: [target] }] },
          {
            job_name: 'sentio',
            scheme: 'https',
            ...login,
            static_configs: [{ targets: [`localhost:${ports.sentio}`] }],
          },
        ],
        remote_write: [
          {
            url: `${urls.sentio}/api/v1/write`,
            ...login,
            write_relabel_configs: [{ source_labels: ['job'], regex: 'shop', action: 'keep' }],
            queue_config: { batch_send_deadline: '200ms', max_shards: 1 },
          },
        ],
      }),
    );
    const sentio = startCommand(cleanup, [
      'serve',
      `--config.file=${sentioFile}`,
      `--web.config.file=${webFile}`,
      `--web.listen-address=127.0.0.1:${ports.sentio}`,
      '--log.format=json',
    ]);
    await started(sentio, /"listening"/);
    const prometheus = startChild(cleanup, 'prometheus', [
      `--config.file=${prometheusFile}`,
      `--web.config.file=${webFile}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.enable-remote-write-receiver',
      '--log.format=json',
    ]);
    await started(prometheus, /Server is ready to receive web requests/);

    const ask = (url: string, password?: string, certificate: Certificate | undefined = client) =>
      get(url, authority, password, certificate);
    const forecasts = async () => {
      const query = encodeURIComponent('count(count by (__name__) ({__name__=~"shop_.+_yhat"}))');
      const { body } = await ask(`${urls.prometheus}/api/v1/query?query=${query}`, readFileSync(passwordFile, 'utf8'));
      const [value] = JSON.parse(body).data.result;
      return value !== undefined && Number(value.value[1]) >= 3;
    };
    await eventually('forecasts have come back', forecasts);

    const page = `${urls.sentio}/api/v1/status/config`;
    const { status, headers, shown } = await ask(page, 'first');
    assert.deepEqual([status, headers['strict-transport-security'], shown], [200, 'max-age=60', 'server']);
    assert.deepEqual(
      [(await ask(page)).status, (await ask(page, 'wrong')).status, (await ask(`${urls.sentio}/metrics`)).status],
      [401, 401, 401],
    );
    await assert.rejects(get(page, authority, 'first', undefined), /certificate required|ECONNRESET|socket hang up/);

    // Everything is replaced while both run; nobody is told.
    for (const [old, name] of [
      [server, 'server-2'],
      [client, 'client-2'],
    ] as const) {
      const { certFile, keyFile } = makeCertificate(folder, name, authority);
      copyFileSync(keyFile, old.keyFile);
      copyFileSync(certFile, old.certFile);
    }
    setPassword('second');
    await eventually('Sentio shows its new certificate, and takes the new password', async () => {
      const answer = await ask(page, 'second');
      return answer.status === 200 && answer.shown === 'server-2';
    });
    assert.equal((await ask(page, 'first')).status, 401);
    const since = Date.now();
    await eventually('samples go both ways again', async () => {
      const { body } = await ask(`${urls.sentio}/api/v1/series?match[]=shop_queue`, 'second');
      const [series] = JSON.parse(body).data;
      return series.last !== null && series.last.time * 1000 > since && (await forecasts());
    });
    const unexpected = troubles(sentio).filter(
      (line) => !/a login failed|came without a login|handshake failed|HTTP 401/.test(line),
    );
    assert.deepEqual(unexpected, []);
    assert.deepEqual(
      complaints(prometheus).filter((line) => !/401|too many failed logins|TLS handshake error/.test(line)),
      [],
    );
    assert.equal((await sentio.stop()).code, 0);
  });
});

/** Waits for a line of a program that says it is up, as its pages cannot be asked without a login. */
async function started(child: Child, line: RegExp): Promise<void> {
  await eventually(`${line} is logged`, () => [...child.stdout, ...child.stderr].some((text) => line.test(text)));
}

function get(
  url: string,
  authority: Certificate,
  password: string | undefined,
  certificate: Certificate | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        ca: readFileSync(authority.certFile),
        ...(certificate !== undefined && {
          cert: readFileSync(certificate.certFile),
          key: readFileSync(certificate.keyFile),
        }),
        ...(password !== undefined && { auth: `shop:${password}` }),
        agent: false,
      },
      (incoming) => {
        const shown = (incoming.socket as TLSSocket).getPeerCertificate().subject.CN;
        let body = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          body += chunk;
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode, body, headers: incoming.headers, shown }));
      },
    );
    outgoing.on('error', reject).end();
  });
}
