import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild, untilReady } from './child.js';
import { type Cleanup, temporaryFolder } from './cleanup.js';

export interface PrometheusAgentOptions {
  readonly port: number;
  /** `host:port` of what is scraped each second, as job `shop`. */
  readonly scrapeTargets: readonly string[];
  readonly externalLabels: Readonly<Record<string, string>>;
  /** Where samples go: those that it scrapes and those that it receives. */
  readonly remoteWrite: readonly object[];
}

/** A real Prometheus in agent mode that also receives remote-write; without any storage that could be queried. */
export async function startPrometheusAgent(
  cleanup: Cleanup,
  options: PrometheusAgentOptions,
): Promise<{ url: string; process: Child }> {
  const folder = await temporaryFolder(cleanup);
  const address = `127.0.0.1:${options.port}`;
  const configFile = join(folder, 'prometheus.yml');
  const queue = {
    queue_config: { batch_send_deadline: '200ms', max_shards: 1 },
    metadata_config: { send_interval: '1s' },
  };
  await writeFile(
    configFile,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', external_labels: options.externalLabels },
      scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: options.scrapeTargets }] }],
      remote_write: options.remoteWrite.map((target) => ({ ...queue, ...target })),
    }),
  );
  const process = startChild(cleanup, 'prometheus', [
    `--config.file=${configFile}`,
    '--enable-feature=agent',
    `--storage.agent.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--web.enable-remote-write-receiver',
    '--log.format=json',
  ]);
  await untilReady(process, `http://${address}/-/ready`);
  return { url: `http://${address}`, process };
}
