import { copyFile, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { BASE_IMAGE } from './base-image.js';
import { run } from './command.js';
import type { Engine } from './engine.js';

/** An image made of programs of this machine, in the shape of the one it stands in for. */
interface StandIn {
  readonly image: string;
  /** What they are called in the image, and here. */
  readonly programs: Readonly<Record<string, string>>;
  /** Folders that they need, at the same place. */
  readonly folders: readonly string[];
  readonly entrypoint: string;
  /** Its volume, owned by whom it runs as. */
  readonly dataFolder: string;
}

export const PROMETHEUS: StandIn = {
  image: 'sentio-test/prometheus',
  programs: { prometheus: 'prometheus', promtool: 'promtool' },
  folders: [],
  entrypoint: 'prometheus',
  dataFolder: '/prometheus',
};

export const ALERTMANAGER: StandIn = {
  image: 'sentio-test/alertmanager',
  programs: { alertmanager: 'prometheus-alertmanager', amtool: 'amtool' },
  folders: ['/usr/share/prometheus/alertmanager'],
  entrypoint: 'alertmanager',
  dataFolder: '/alertmanager',
};

/** Makes the image. Its user is nobody, as in the images of the Prometheus project. */
export async function makeStandIn(cleanup: Cleanup, engine: Engine, standIn: StandIn): Promise<void> {
  const { image, programs, folders, entrypoint, dataFolder } = standIn;
  const folder = await temporaryFolder(cleanup);
  for (const [name, program] of Object.entries(programs)) {
    await copyFile(await run('which', [program]), join(folder, name));
  }
  for (const path of folders) await cp(path, join(folder, path), { recursive: true });
  const lines = [
    `FROM ${BASE_IMAGE}`,
    `COPY ${Object.keys(programs).join(' ')} /usr/bin/`,
    ...folders.map((path) => `COPY .${path} ${path}/`),
    `RUN install --directory --owner=nobody --group=nogroup ${dataFolder}`,
    `VOLUME ${dataFolder}`,
    'USER nobody',
    `ENTRYPOINT ["${entrypoint}"]`,
  ];
  await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
  // Nothing in it needs a network, and the engine has no bridge of its own to give it one.
  await engine.docker('build', '--network=none', `--tag=${image}`, folder);
}
