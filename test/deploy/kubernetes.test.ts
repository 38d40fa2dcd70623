import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  Prometheus,
  PrometheusRule,
  ServiceMonitor,
} from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { StatefulSet } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Service, ServiceAccount } from 'kubernetes-models/v1';
import { parse, parseAllDocuments } from 'yaml';
import { parseConfig } from '#src/config/load.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { alertRules, readText, repositoryPath } from './repository.js';

/** The schema of every kind, as a class that checks and as a TypeScript type, which also knows what keys there are not. */
const KINDS = {
  ConfigMap: { model: ConfigMap, module: 'kubernetes-models/v1' },
  NetworkPolicy: { model: NetworkPolicy, module: 'kubernetes-models/networking.k8s.io/v1' },
  PodDisruptionBudget: { model: PodDisruptionBudget, module: 'kubernetes-models/policy/v1' },
  Prometheus: { model: Prometheus, module: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1' },
  PrometheusRule: { model: PrometheusRule, module: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1' },
  Service: { model: Service, module: 'kubernetes-models/v1' },
  ServiceAccount: { model: ServiceAccount, module: 'kubernetes-models/v1' },
  ServiceMonitor: { model: ServiceMonitor, module: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1' },
  StatefulSet: { model: StatefulSet, module: 'kubernetes-models/apps/v1' },
};

interface Manifest {
  readonly apiVersion: string;
  readonly kind: keyof typeof KINDS;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const NAMES = { 'app.kubernetes.io/name': 'sentio' };

function kustomize(): Manifest[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', repositoryPath('deploy/kubernetes')], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

/** The part of a Prometheus object that the shipped patch is. */
function prometheusPatch(): Prometheus {
  const patch = parse(readText('deploy/kubernetes/prometheus.yaml')) as Pick<Prometheus, 'spec'>;
  return new Prometheus({ ...patch, metadata: { name: 'k8s' } });
}

/** What lets Sentio in where Prometheus has a NetworkPolicy of its own. */
function prometheusIngress(): NetworkPolicy {
  return new NetworkPolicy(parse(readText('deploy/kubernetes/prometheus-ingress.yaml')));
}

/** What the loop of docs/operations.md makes of the alert rules. */
function prometheusRules(): Manifest[] {
  const [, loop] = /^(for file in .*?^done) \| kubectl/ms.exec(readText('docs/operations.md')) ?? [];
  assert.ok(loop);
  const { stdout } = spawnSync('bash', ['-c', loop], { cwd: repositoryPath('.'), encoding: 'utf8' });
  return parseAllDocuments(stdout, { merge: true })
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** What TypeScript has against these objects: keys that a kind does not have among it, which the schemas let pass. */
function typeErrors(manifests: readonly Manifest[]): string {
  const folder = mkdtempSync(repositoryPath('dist-test/manifests-'));
  try {
    const lines = manifests.map(
      ({ kind, ...rest }, place) =>
        `export const object${place}: import('${KINDS[kind].module}').I${kind} = ${JSON.stringify({ kind, ...rest })};`,
    );
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    const flags = '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --target es2023'.split(' ');
    const tsc = repositoryPath('node_modules/typescript/bin/tsc');
    return spawnSync(process.execPath, [tsc, ...flags, join(folder, 'manifests.ts')], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the manifests for Kubernetes', { skip: skipUnlessInstalled('kubectl') }, () => {
  const manifests = kustomize();
  const find = <Kind extends keyof typeof KINDS>(kind: Kind) => {
    const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind);
    assert.ok(found && more.length === 0, `there is one ${kind}`);
    return found as unknown as InstanceType<(typeof KINDS)[Kind]['model']>;
  };
  const podOf = () => find('StatefulSet').spec!.template.spec!;

  it('are what each kind may be', () => {
    const others = [prometheusPatch(), prometheusIngress()].map((object) => object.toJSON() as Manifest);
    const all = [...manifests, ...prometheusRules(), ...others];
    for (const manifest of all) new KINDS[manifest.kind].model(manifest as never).validate();
    assert.equal(typeErrors(all), '');
  });

  it('have the alert rules in objects of their own', () => {
    const alerts = prometheusRules().flatMap(({ kind, ...rest }) => {
      assert.equal(kind, 'PrometheusRule');
      const { spec } = rest as unknown as PrometheusRule;
      return (spec.groups ?? []).flatMap(({ rules = [] }) => rules.map(({ alert }) => alert));
    });
    assert.deepEqual(
      alerts,
      alertRules().map(({ alert }) => alert),
    );
  });

  it('are refused with a key misspelt', () => {
    const { spec, ...rest } = find('PodDisruptionBudget') as unknown as Manifest & { spec: object };
    assert.match(typeErrors([{ ...rest, spec: { ...spec, maxUnavailble: 1 } } as Manifest]), /maxUnavailble/);
  });

  it('all go to one namespace, and select the pods that there are', () => {
    for (const { kind, metadata } of manifests) assert.equal(metadata.namespace, 'monitoring', kind);
    assert.deepEqual(find('StatefulSet').spec!.template.metadata!.labels, NAMES);
    assert.deepEqual(find('StatefulSet').spec!.selector.matchLabels, NAMES);
    assert.deepEqual(find('Service').spec!.selector, NAMES);
    assert.deepEqual(find('PodDisruptionBudget').spec!.selector!.matchLabels, NAMES);
    assert.deepEqual(find('NetworkPolicy').spec!.podSelector!.matchLabels, NAMES);
    assert.deepEqual(find('ServiceMonitor').spec.selector.matchLabels, NAMES);
    assert.deepEqual(find('Service').metadata!.labels, NAMES);
  });

  it('let a pod do nothing that Sentio does not need', () => {
    const { securityContext, automountServiceAccountToken, containers } = podOf();
    assert.equal(automountServiceAccountToken, false);
    assert.equal(securityContext?.runAsNonRoot, true);
    assert.equal(securityContext?.seccompProfile?.type, 'RuntimeDefault');
    for (const container of containers!) {
      assert.equal(container.securityContext?.readOnlyRootFilesystem, true);
      assert.equal(container.securityContext?.allowPrivilegeEscalation, false);
      assert.deepEqual(container.securityContext?.capabilities, { drop: ['ALL'] });
      assert.ok(container.resources?.limits?.memory && container.resources.requests?.cpu);
    }
  });

  it('probe, scrape and let in the port that Sentio listens on', () => {
    const [container] = podOf().containers!;
    const [port] = container!.ports!;
    assert.deepEqual(port, { name: 'http', containerPort: 9201 });
    assert.ok(container!.args!.includes('--web.listen-address=0.0.0.0:9201'), 'only the pod itself would reach it');
    for (const probe of [container!.startupProbe, container!.livenessProbe, container!.readinessProbe])
      assert.equal(probe?.httpGet?.port, 'http');
    assert.equal(find('Service').spec!.ports![0]!.name, find('ServiceMonitor').spec.endpoints![0]!.port);
    assert.equal(find('NetworkPolicy').spec!.ingress![0]!.ports![0]!.port, 9201);
  });

  it('mount a configuration that Sentio accepts, and another one where it changes', () => {
    const { metadata, data } = find('ConfigMap');
    assert.match(metadata!.name!, /^sentio-[a-z0-9]+$/);
    const [volume] = podOf().volumes!;
    assert.equal(volume!.configMap!.name, metadata!.name);
    const config = parseConfig(data!['sentio.yml']!, '.');
    assert.equal(config.rules.length, 2);
    // 16 KiB a series, and as much again for everything else, is within the limit.
    const bytes = config.receiver.maxSeries * 16 * 1024;
    assert.ok(bytes < 3 * 2 ** 30 * 0.6, `${bytes} bytes of history`);
  });

  it('push to every replica of kube-prometheus, and may', () => {
    const { remoteWrite, remoteRead } = parseConfig(find('ConfigMap').data!['sentio.yml']!, '.');
    assert.deepEqual(
      remoteWrite.map(({ url }) => new URL(url).hostname),
      ['prometheus-k8s-0.prometheus-operated', 'prometheus-k8s-1.prometheus-operated'],
    );
    const [toPrometheus] = find('NetworkPolicy').spec!.egress!;
    const { spec } = prometheusIngress();
    for (const { url } of [...remoteWrite, ...remoteRead]) {
      assert.equal(Number(new URL(url).port), toPrometheus!.ports![0]!.port);
      assert.equal(Number(new URL(url).port), spec!.ingress![0]!.ports![0]!.port);
    }
    assert.deepEqual(spec!.ingress![0]!.from, [{ podSelector: { matchLabels: NAMES } }]);
    assert.deepEqual(toPrometheus!.to, [{ podSelector: spec!.podSelector }]);
    assert.deepEqual(
      manifests.filter(({ metadata }) => metadata.name === prometheusIngress().metadata!.name),
      [],
      'alone it would keep everybody else out',
    );
  });

  it('give every shard its share, and no two the same', () => {
    const { replicas } = find('StatefulSet').spec!;
    const { remoteWrite = [], remoteRead = [] } = prometheusPatch().spec;
    const host = (shard: number) => `http://sentio-${shard}.${find('Service').metadata!.name}.monitoring.svc:9201`;
    const shards = Array.from({ length: replicas! }, (_, shard) => shard);
    assert.deepEqual(
      remoteWrite.map(({ url }) => url),
      shards.map((shard) => `${host(shard)}/api/v1/write`),
    );
    assert.deepEqual(
      remoteRead.map(({ url }) => url),
      shards.map((shard) => `${host(shard)}/api/v1/read`),
    );
    for (const [shard, { writeRelabelConfigs = [] }] of remoteWrite.entries()) {
      const [own, share, keep, clean] = writeRelabelConfigs;
      assert.deepEqual(
        [own?.action, share?.action, keep?.action, clean?.action],
        ['drop', 'hashmod', 'keep', 'labeldrop'],
      );
      assert.equal(share?.modulus, replicas);
      assert.deepEqual(keep?.sourceLabels, [share?.targetLabel]);
      assert.equal(keep?.regex, String(shard));
      assert.deepEqual(share?.sourceLabels, remoteWrite[0]!.writeRelabelConfigs![1]!.sourceLabels);
    }
  });
});
