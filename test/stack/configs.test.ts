import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { loadConfig } from '#src/config/load.js';
import { skipUnlessInstalled } from '../harness/installed.js';

const REPOSITORY = resolve(import.meta.dirname, '../..');

interface ComposeService {
  image?: string;
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
  [key: string]: unknown;
}

const readYaml = (path: string) => parse(readFileSync(join(REPOSITORY, path), 'utf8'), { merge: true });
const services = Object.entries<ComposeService>(readYaml('docker-compose.yml').services);

/** Runs a checker in the repository; fails with what it says. */
function accepts(command: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: REPOSITORY, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
}

describe('docker-compose.yml', () => {
  it('is accepted by docker-compose, with and without the stand-ins of the test', {
    skip: skipUnlessInstalled('docker-compose'),
  }, () => {
    accepts('docker-compose', '--file=docker-compose.yml', 'config', '--quiet');
    accepts('docker-compose', '--file=docker-compose.yml', '--file=test/stack/override.yml', 'config', '--quiet');
  });

  it('pins every image, and builds one', () => {
    const images = services.flatMap(([, { image = [] }]) => image);
    assert.equal(images.length, services.length - 1);
    for (const image of images) assert.match(image, /^\$\{[A-Z_]+:-[^:]+:v?\d+[\w.-]+\}$/);
  });

  for (const [name, service] of services) {
    it(`bounds, watches and restarts ${name}`, () => {
      assert.equal(service.restart, 'unless-stopped');
      assert.match(String(service.mem_limit), /^\d+[mg]$/);
      // Sentio's own is in its image.
      assert.ok(service.build ?? service.healthcheck);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
    });
  }

  it('opens ports of this machine alone', () => {
    const ports = services.flatMap(([, { ports = [] }]) => ports);
    assert.equal(ports.length, 4);
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/);
  });

  it('gives the Docker socket to the proxy alone', () => {
    const holders = services.filter(([, { volumes = [] }]) => volumes.some((volume) => volume.includes('docker.sock')));
    assert.deepEqual(
      holders.map(([name]) => name),
      ['docker-socket-proxy'],
    );
  });

  it('has no password, nor a login of Grafana that could have one', () => {
    assert.doesNotMatch(readFileSync(join(REPOSITORY, 'docker-compose.yml'), 'utf8'), /^(?! *#).*password/im);
    const { environment = {} } = Object.fromEntries(services).grafana ?? {};
    assert.equal(environment.GF_AUTH_BASIC_ENABLED, 'false');
    assert.equal(environment.GF_AUTH_DISABLE_LOGIN_FORM, 'true');
    assert.equal(environment.GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION, 'true');
    // Its port is on the loopback interface; an Editor has Explore, and no say over users, data sources or shipped dashboards.
    assert.match(environment.GF_AUTH_ANONYMOUS_ORG_ROLE ?? '', /^\$\{GRAFANA_ROLE:-Editor\}$/);
  });
});

describe('Dockerfile', () => {
  it('says the version that package.json has', () => {
    const dockerfile = readFileSync(join(REPOSITORY, 'Dockerfile'), 'utf8');
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
    assert.equal(/^ARG VERSION=(.*)$/m.exec(dockerfile)?.[1], version);
  });
});

describe('the configurations of the stack', () => {
  it('are accepted by promtool', { skip: skipUnlessInstalled('promtool') }, () => {
    accepts('promtool', 'check', 'config', 'deploy/prometheus/prometheus.yml');
  });

  it('are accepted by Sentio', () => {
    const { remoteWrite, rules } = loadConfig(join(REPOSITORY, 'deploy/sentio/sentio.yml'));
    assert.equal(remoteWrite.length, 1);
    assert.equal(rules[0]?.name, 'container-cpu');
  });

  it('let Grafana find Prometheus and its dashboards', () => {
    const folder = 'deploy/grafana/provisioning';
    const [source] = readYaml(`${folder}/datasources/prometheus.yml`).datasources;
    assert.deepEqual([source.uid, source.type, source.url], ['prometheus', 'prometheus', 'http://prometheus:9090']);
    const [provider] = readYaml(`${folder}/dashboards/sentio.yml`).providers;
    const { volumes = [] } = Object.fromEntries(services).grafana ?? {};
    assert.ok(volumes.includes(`./deploy/grafana/dashboards:${provider.options.path}:ro`));
  });
});

describe('the scripts', () => {
  it('are clean by shellcheck', { skip: skipUnlessInstalled('shellcheck') }, () => {
    const scripts = readdirSync(join(REPOSITORY, 'deploy'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.sh'))
      .map((path) => join('deploy', path));
    accepts('shellcheck', '.ci/run', ...scripts);
    assert.ok(scripts.includes('deploy/run_io.sh'));
  });
});
