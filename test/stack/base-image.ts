import { cp, mkdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Cleanup } from '../harness/cleanup.js';
import { temporaryFolder } from '../harness/cleanup.js';
import { run } from './command.js';
import type { Engine } from './engine.js';

/** What stands in for `node:24-bookworm-slim`: a Debian made here, with this machine's node and npm. */
export const BASE_IMAGE = 'sentio-test/base';

const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** Makes `BASE_IMAGE`. Debian comes from where this machine's apt takes it, packages from where its npm does. */
export async function makeBaseImage(cleanup: Cleanup, engine: Engine): Promise<void> {
  const folder = await temporaryFolder(cleanup);
  const root = join(folder, 'root');
  const { site, release } = await aptSource();
  // In a mount namespace of its own, it leaves no /proc behind in there, whatever happens.
  const options = ['--variant=minbase', '--include=ca-certificates,libstdc++6', release, root, site];
  await run('unshare', ['--mount', 'debootstrap', ...options]);
  await rm(join(root, 'var/cache/apt/archives'), { recursive: true });
  await installNode(root);
  const archive = join(folder, 'root.tar');
  await run('tar', ['--create', '--directory', root, '--file', archive, '.']);
  await engine.docker('import', archive, BASE_IMAGE);
}

/** Where apt has the main part of this release from. */
async function aptSource(): Promise<{ site: string; release: string }> {
  const { VERSION_CODENAME: release = '' } = Object.fromEntries(
    (await readFile('/etc/os-release', 'utf8')).split('\n').map((line) => line.split('=')),
  );
  const format = ['--format', '$(SITE) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'];
  const targets = (await run('apt-get', ['indextargets', ...format])).split('\n').map((line) => line.split(' '));
  const site = targets.find(([, ofRelease, component]) => ofRelease === release && component === 'main')?.[0];
  if (site === undefined) throw new Error(`apt knows no source of ${release} main`);
  return { site, release };
}

async function installNode(root: string): Promise<void> {
  const npm = dirname(dirname(await realpath(await run('which', ['npm']))));
  await mkdir(join(root, 'usr/lib/node_modules'), { recursive: true });
  await cp(process.execPath, join(root, 'usr/bin/node'));
  await cp(npm, join(root, 'usr/lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/bin', name));
  }
  await cp(AUTHORITIES, join(root, AUTHORITIES));
  const registry = await run('npm', ['config', 'get', 'registry']);
  await mkdir(join(root, 'usr/etc'));
  await writeFile(join(root, 'usr/etc/npmrc'), `registry=${registry}\ncafile=${AUTHORITIES}\nupdate-notifier=false\n`);
}
