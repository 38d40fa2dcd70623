import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild, untilReady } from './child.js';
import { type Cleanup, temporaryFolder } from './cleanup.js';
import { freePort } from './port.js';

/** A real single-node VictoriaMetrics with its data in a temporary folder; answers PromQL under `url`. */
export async function startVictoriaMetrics(
  cleanup: Cleanup,
  flags: readonly string[] = [],
): Promise<{ url: string; process: Child }> {
  const folder = await temporaryFolder(cleanup);
  const address = `127.0.0.1:${await freePort()}`;
  const process = startChild(cleanup, 'victoria-metrics', [
    `-storageDataPath=${join(folder, 'data')}`,
    `-httpListenAddr=${address}`,
    // Answers about the last seconds, which by default it holds back for 30 s or caches.
    '-search.latencyOffset=0s',
    '-search.disableCache',
    '-loggerFormat=json',
    ...flags,
  ]);
  await untilReady(process, `http://${address}/health`);
  return { url: `http://${address}`, process };
}

export interface VmagentOptions {
  /** `host:port` of what is scraped, as job `shop`. */
  readonly scrapeTargets: readonly string[];
  readonly remoteWriteUrls: readonly string[];
  readonly externalLabels?: Readonly<Record<string, string>>;
}

/** A real vmagent: scrapes every second and remote-writes to every URL. */
export async function startVmagent(
  cleanup: Cleanup,
  options: VmagentOptions,
): Promise<{ url: string; process: Child }> {
  const folder = await temporaryFolder(cleanup);
  const address = `127.0.0.1:${await freePort()}`;
  const configFile = join(folder, 'scrape.yml');
  await writeFile(
    configFile,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', external_labels: options.externalLabels ?? {} },
      scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: options.scrapeTargets }] }],
    }),
  );
  const process = startChild(cleanup, 'vmagent', [
    `-promscrape.config=${configFile}`,
    `-remoteWrite.tmpDataPath=${join(folder, 'queue')}`,
    '-remoteWrite.flushInterval=200ms',
    ...options.remoteWriteUrls.map((url) => `-remoteWrite.url=${url}`),
    `-httpListenAddr=${address}`,
    '-loggerFormat=json',
  ]);
  await untilReady(process, `http://${address}/health`);
  return { url: `http://${address}`, process };
}
