// The whole stack with its real image, on a Docker engine of its own: `npm run build:all && node dist-test/stack/stack.js`, as
// root on Debian. It takes some five minutes, which is why `npm test` leaves it out.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { query, queryRange } from '../harness/promql.js';
import { eventually } from '../harness/wait.js';
import { BASE_IMAGE, makeBaseImage } from './base-image.js';
import { run } from './command.js';
import { type Engine, startEngine } from './engine.js';
import { ALERTMANAGER, makeStandIn, PROMETHEUS } from './stand-ins.js';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const RUN_IO = `${REPOSITORY}/deploy/run_io.sh`;
const PROJECT = 'sentio-stack-test';
const SERVICES = ['sentio', 'prometheus', 'alertmanager', 'docker-socket-proxy', 'telegraf', 'web', 'batch'];
const PROGRAMS = ['dockerd', 'docker', 'docker-compose', 'debootstrap', 'unshare', 'iptables'];
const PEERS = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool'];
const CPU = 'docker_container_cpu_usage_percent';
/** As deploy/sentio/sentio.yml has it. */
const STEP_MS = 10_000;
/** Docker sends SIGKILL after this long. */
const STOP_TIMEOUT_MS = 10_000;

const skip = process.getuid?.() === 0 ? skipUnlessInstalled(...PROGRAMS, ...PEERS) : 'only root may start an engine';

describe('the stack', { skip, timeout: 15 * 60_000 }, () => {
  const cleanup = new Cleanup();
  let engine: Engine;
  let env: NodeJS.ProcessEnv;
  let prometheusUrl: string;
  const compose = (...args: string[]) => run('docker-compose', ['--ansi=never', ...args], { env });
  const containerOf = (service: string) =>
    engine.docker('ps', '--all', '--quiet', `--filter=label=com.docker.compose.service=${service}`);
  const inspect = async (service: string, format: string) =>
    engine.docker('inspect', `--format=${format}`, await containerOf(service));
  const inside = async (service: string, ...command: string[]) =>
    engine.docker('exec', await containerOf(service), ...command);

  before(async () => {
    const startMs = Date.now();
    const done = (what: string) => console.log(`${((Date.now() - startMs) / 1000).toFixed(0)} s: ${what}`);
    engine = await startEngine(cleanup);
    env = {
      ...engine.env,
      COMPOSE_PROJECT_NAME: PROJECT,
      COMPOSE_FILE: `${REPOSITORY}/docker-compose.yml:${REPOSITORY}/test/stack/override.yml`,
      NODE_IMAGE: BASE_IMAGE,
      PROMETHEUS_IMAGE: PROMETHEUS.image,
      ALERTMANAGER_IMAGE: ALERTMANAGER.image,
      TELEGRAF_IMAGE: BASE_IMAGE,
      SOCKET_PROXY_IMAGE: BASE_IMAGE,
      DOCKER_SOCKET: engine.socket,
      // Any that is free.
      SENTIO_PORT: '0',
      PROMETHEUS_PORT: '0',
      ALERTMANAGER_PORT: '0',
    };
    done('the engine runs');
    await makeBaseImage(cleanup, engine);
    done('a base image');
    for (const standIn of [PROMETHEUS, ALERTMANAGER]) await makeStandIn(cleanup, engine, standIn);
    done('stand-ins');
    await compose('build', 'sentio');
    done('the image of Sentio');
    cleanup.add(() => compose('down', '--volumes', '--timeout=10'));
    await compose('up', '--detach', '--no-build', ...SERVICES);
    prometheusUrl = `http://${await compose('port', 'prometheus', '9090')}`;
    done('the stack runs');
  });
  after(() => cleanup.run());

  it('becomes healthy', async () => {
    const isHealthy = ['ps', '--filter=health=healthy', '--format={{.Label "com.docker.compose.service"}}'];
    await eventually(
      'all are healthy',
      async () => (await engine.docker(...isHealthy)).split('\n').length === SERVICES.length,
      { deadlineMs: 60_000 },
    );
  });

  it('has an image that is not root, says what it is, and holds nothing of the development', async () => {
    assert.equal(await inside('sentio', 'id', '-u'), '1000');
    assert.equal(await inspect('sentio', '{{.Config.User}}'), '1000:1000');
    assert.equal(await inspect('sentio', '{{index .Config.Labels "org.opencontainers.image.title"}}'), 'Sentio');
    const packages = (await inside('sentio', 'ls', 'node_modules')).split('\n');
    assert.ok(packages.includes('fastify'));
    assert.deepEqual(
      packages.filter((name) => ['esbuild', 'typescript', 'knip', 'uplot'].includes(name)),
      [],
    );
  });

  it('lets Sentio write to its volume alone', async () => {
    assert.equal(await inspect('sentio', '{{.HostConfig.ReadonlyRootfs}}'), 'true');
    await assert.rejects(inside('sentio', 'touch', '/sentio/file'), /Read-only file system/);
    await inside('sentio', 'touch', '/var/lib/sentio/file');
  });

  it('gives nothing but GET requests to the Docker socket', async () => {
    const script =
      "fetch('http://docker-socket-proxy:2375/containers/create', { method: 'POST' }).then((r) => console.log(r.status))";
    assert.equal(await inside('telegraf', 'node', '-e', script), '403');
    await assert.rejects(inside('web', 'node', '-e', script), /ENOTFOUND|EAI_AGAIN/);
  });

  it('forecasts its workloads within minutes', async () => {
    const selector = `${CPU}_yhat{container_name=~"${PROJECT}.(web|batch).1"}`;
    await eventually('both are forecast', async () => (await query(prometheusUrl, selector)).length === 2, {
      deadlineMs: 180_000,
    });
  });

  it('draws the future in Prometheus', async () => {
    const nowMs = Date.now();
    const selector = `${CPU}_yhat{sentio="forecast",container_name=~"${PROJECT}.web.1"}`;
    const range = { startMs: nowMs + 60_000, endMs: nowMs + 3_600_000, stepMs: 60_000 };
    const [future] = await queryRange(prometheusUrl, selector, range);
    assert.equal(future?.points.length, 60);
  });

  it('finds the anomaly that run_io.sh makes', async () => {
    // Whichever is first: on a busy machine the workload may not get the CPU it asks for.
    const kinds = 'cpu_usage_percent|mem_usage_percent|net_rx_bytes_rate';
    const scores = `{__name__=~"docker_container_(${kinds})_anomaly_score",container_name=~"${PROJECT}.web.1"}[1m]`;
    const startMs = Date.now();
    const says = await run(RUN_IO, ['spike', 'web'], { env });
    assert.match(says, /^ {2}Prometheus +http:\/\/127\.0\.0\.1:\d+\/graph/m);
    // A score of a step that began before would prove nothing.
    const isFound = ({ timeMs, value }: { timeMs: number; value: number }) => timeMs - STEP_MS > startMs && value > 1;
    const found = await eventually(
      'a score is over 1',
      async () => (await query(prometheusUrl, scores)).find(({ points }) => points.some(isFound)),
      { deadlineMs: 90_000 },
    );
    const afterMs = found.points.find(isFound)!.timeMs - startMs;
    console.log(`${found.labels.__name__} is over 1 after ${(afterMs / 1000).toFixed(0)} s`);
    await run(RUN_IO, ['stop', 'web'], { env });
  });

  it('stops each in time at SIGTERM, by its own will', async () => {
    for (const service of ['web', 'sentio']) {
      const startMs = Date.now();
      await engine.docker('stop', `--time=${STOP_TIMEOUT_MS / 1000}`, await containerOf(service));
      assert.ok(Date.now() - startMs < STOP_TIMEOUT_MS, service);
      assert.equal(await inspect(service, '{{.State.ExitCode}}'), '0', service);
    }
  });

  it('has its snapshot again after a restart', async () => {
    await compose('start', 'sentio');
    const logs = async () => compose('logs', '--no-color', 'sentio');
    await eventually('the snapshot is loaded', async () => (await logs()).includes('"msg":"snapshot loaded"'));
  });
});
