import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Cleanup, temporaryFolder } from './cleanup.js';

/** A disk of its own, small enough to be filled. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves no byte free. */
  fill(): void;
  /** Takes away what fills it. */
  free(): void;
}

/** Mounts a disk of this size until the test ends; undefined where the test may not mount anything. */
export async function smallDisk(cleanup: Cleanup, mebibytes: number): Promise<SmallDisk | undefined> {
  const folder = join(await temporaryFolder(cleanup), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  cleanup.add(() => execFileSync('umount', [folder]));
  const filling = join(folder, 'filling');
  return {
    folder,
    fill: () => {
      const file = openSync(filling, 'w');
      const bytes = randomBytes(2 ** 16);
      try {
        for (;;) writeSync(file, bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filling),
  };
}
