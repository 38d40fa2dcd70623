import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild, untilReady } from './child.js';
import { type Cleanup, temporaryFolder } from './cleanup.js';
import { onLoopback, type Place } from './place.js';
import { freePort } from './port.js';

/** A relabelling step as Prometheus' configuration writes it. */
export interface RelabelConfig {
  source_labels: string[];
  regex: string;
  action: 'keep' | 'drop';
}

export interface PrometheusOptions {
  /** Its port, where a peer has to know it first. */
  readonly port?: number;
  /** Instead of a port on loopback. */
  readonly place?: Place;
  /** `host:port` of what is scraped, as job `shop`. */
  readonly scrapeTargets?: readonly string[];
  /** Further targets by job. */
  readonly jobs?: Readonly<Record<string, readonly string[]>>;
  readonly scrapeIntervalSeconds?: number;
  readonly externalLabels?: Readonly<Record<string, string>>;
  readonly remoteWriteUrl?: string;
  readonly remoteWriteTimeout?: string;
  readonly writeRelabelConfigs?: readonly RelabelConfig[];
  readonly remoteRead?: readonly Record<string, unknown>[];
  /** Expressions of alerting rules by name. */
  readonly alerts?: Readonly<Record<string, string>>;
  /** Paths of further rule files. */
  readonly ruleFiles?: readonly string[];
  readonly flags?: readonly string[];
  /** A configuration instead of what the options above make, but for the port; relative paths start at an empty folder. */
  readonly configuration?: unknown;
}

/** A real Prometheus that also receives remote-write, with its data in a temporary folder. */
export interface Prometheus {
  readonly url: string;
  /** `host:port`. */
  readonly address: string;
  /** The process of now: another one after `restart`. */
  readonly process: Child;
  /** Gives it another configuration while it runs. */
  reload(configuration: unknown): Promise<void>;
  /** Starts it again, on the same folder and port, after `process` has ended. */
  restart(): Promise<void>;
}

export async function startPrometheus(cleanup: Cleanup, options: PrometheusOptions = {}): Promise<Prometheus> {
  const folder = await temporaryFolder(cleanup);
  const { command, listenAddress, address } = options.place ?? onLoopback(options.port ?? (await freePort()));
  const url = `http://${address}`;
  const configFile = join(folder, 'prometheus.yml');
  // JSON is YAML.
  await writeFile(join(folder, 'rules.yml'), JSON.stringify(ruleFile(options.alerts ?? {})));
  const configure = (to: unknown) => writeFile(configFile, JSON.stringify(to, undefined, 2));
  await configure(options.configuration ?? configurationOf(options));
  const start = async () => {
    const [program, ...before] = [...command, 'prometheus'];
    const child = startChild(cleanup, program!, [
      ...before,
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listenAddress}`,
      '--web.enable-remote-write-receiver',
      '--web.enable-lifecycle',
      '--log.format=json',
      ...(options.flags ?? []),
    ]);
    await untilReady(child, `${url}/-/ready`);
    return child;
  };
  let process = await start();
  return {
    url,
    address,
    get process() {
      return process;
    },
    reload: async (to) => {
      await configure(to);
      // It answers once the new configuration is in force.
      const { status } = await fetch(`${url}/-/reload`, { method: 'POST', signal: AbortSignal.timeout(10_000) });
      if (status !== 200) throw new Error(`POST ${url}/-/reload: ${status}`);
    },
    restart: async () => {
      process = await start();
    },
  };
}

function configurationOf(options: PrometheusOptions): unknown {
  const { scrapeTargets = [], scrapeIntervalSeconds = 1, remoteWriteUrl } = options;
  const jobs = { ...(scrapeTargets.length > 0 && { shop: scrapeTargets }), ...options.jobs };
  return {
    global: {
      scrape_interval: `${scrapeIntervalSeconds * 1000}ms`,
      scrape_timeout: `${scrapeIntervalSeconds * 1000}ms`,
      evaluation_interval: '1s',
      external_labels: options.externalLabels ?? {},
    },
    scrape_configs: Object.entries(jobs).map(([job, targets]) => ({
      job_name: job,
      static_configs: [{ targets }],
    })),
    remote_write:
      remoteWriteUrl === undefined
        ? []
        : [
            {
              url: remoteWriteUrl,
              remote_timeout: options.remoteWriteTimeout ?? '30s',
              write_relabel_configs: options.writeRelabelConfigs ?? [],
              // The clock of these tests is fast: one-second steps want their samples within the second.
              queue_config: { batch_send_deadline: '200ms', max_shards: 1 },
              metadata_config: { send_interval: '1s' },
            },
          ],
    remote_read: options.remoteRead ?? [],
    rule_files: ['rules.yml', ...(options.ruleFiles ?? [])],
  };
}

function ruleFile(alerts: Readonly<Record<string, string>>): unknown {
  const rules = Object.entries(alerts).map(([alert, expr]) => ({ alert, expr }));
  return { groups: rules.length === 0 ? [] : [{ name: 'test', rules }] };
}

/** Lines of Prometheus' own JSON log at level `warn` or `error`. */
export function complaints(child: Child): string[] {
  return child.stderr.filter((line) => /"level":"(warn|error)"/.test(line));
}
