import { access, constants, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../../lib/errors.js';
import type { ReadBytes } from '../../series/snapshot/snapshot-format.js';
import { lockFolder } from './folder-lock.js';

const NAME = 'sentio.snapshot';
const UNUSABLE = '.unusable-';
const LEFT_OUT = '.left-out-';
/** How many unusable snapshots are kept, and likewise snapshots whose series had no room; they may be large. */
const MAX_KEPT = 2;

/** The part of `node:fs/promises` that snapshots need, and the lock on a folder. */
export interface SnapshotDisk {
  access(path: string, mode: number): Promise<void>;
  mkdir(path: string): Promise<unknown>;
  open(path: string, flags?: 'r' | 'w'): Promise<SnapshotHandle>;
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options?: { force: boolean }): Promise<void>;
  lockFolder(folder: string): Promise<() => Promise<void>>;
}

/** An open file, or a folder to sync. */
export interface SnapshotHandle {
  read(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number }>;
  write(buffer: Uint8Array, offset: number): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

const DISK: SnapshotDisk = { access, mkdir, open: openFile, readdir, rename, rm, lockFolder };

/** A named pipe in the place of a file would hold up a start for ever, until somebody writes to it. */
async function openFile(path: string, flags: 'r' | 'w' = 'r'): Promise<SnapshotHandle> {
  return open(path, flags === 'r' ? constants.O_RDONLY | constants.O_NONBLOCK : flags);
}

/** One snapshot in a folder of its own, replaced as a whole or not at all. */
export class SnapshotFile {
  readonly path: string;
  readonly #folder: string;
  readonly #name: string;
  readonly #temporaryPath: string;
  readonly #disk: SnapshotDisk;
  #unlock = async () => {};

  /** `name` is that of the file; in a folder of several only one is to `prepare` and `close`. */
  constructor(folder: string, disk: SnapshotDisk = DISK, name = NAME) {
    this.#folder = folder;
    this.#disk = disk;
    this.#name = name;
    this.path = join(folder, name);
    this.#temporaryPath = `${this.path}.tmp`;
  }

  /**
   * Makes and locks the folder, and removes what an interrupted write left there. Throws `UsageError` if the folder is not
   * writable, or another process has it.
   */
  async prepare(): Promise<void> {
    try {
      await makeFolder(this.#disk, this.#folder);
      await this.#disk.access(this.#folder, constants.R_OK | constants.W_OK | constants.X_OK);
      this.#unlock = await this.#disk.lockFolder(this.#folder);
      await this.#disk.rm(this.#temporaryPath, { force: true });
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new UsageError(`Cannot store snapshots in ${this.#folder}: ${reason}`, { cause });
    }
  }

  /** Unlocks the folder. */
  async close(): Promise<void> {
    await this.#unlock();
  }

  /**
   * Replaces the snapshot by these pieces, each written before the next is asked for, and returns their length in bytes.
   * If that fails, or the signal aborts it, the previous snapshot stays.
   */
  async write(pieces: Iterable<Uint8Array>, signal: AbortSignal): Promise<number> {
    try {
      const bytes = await this.#writeTemporary(pieces, signal);
      await this.#disk.rename(this.#temporaryPath, this.path);
      await this.#syncFolder();
      return bytes;
    } catch (error) {
      // A full disk has better use for the space.
      await this.#disk.rm(this.#temporaryPath, { force: true }).catch(() => {});
      throw error;
    }
  }

  /** Has `use` read the snapshot, or one that `keepLeftOut` kept. Returns undefined where there is none. */
  async read<T>(use: (read: ReadBytes) => Promise<T>, path = this.path): Promise<T | undefined> {
    let handle: SnapshotHandle;
    try {
      handle = await this.#disk.open(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return await use(readerOf(handle));
    } finally {
      await handle.close();
    }
  }

  /** Renames a snapshot that cannot be used, and removes the oldest of those before it. Returns its new path. */
  async setAside(nowMs: number, from = this.path): Promise<string> {
    return this.#keep(from, UNUSABLE, nowMs);
  }

  /** Renames a snapshot of which series had no room, so that the next does not replace it, and removes the oldest of those before it. */
  async keepLeftOut(nowMs: number): Promise<string> {
    return this.#keep(this.path, LEFT_OUT, nowMs);
  }

  /** Paths of the snapshots that `keepLeftOut` kept, newest first. */
  async leftOut(): Promise<string[]> {
    return (await this.#named(LEFT_OUT)).reverse();
  }

  async remove(path: string): Promise<void> {
    await this.#disk.rm(path);
  }

  async #keep(from: string, prefix: string, nowMs: number): Promise<string> {
    // File names have no colons.
    const path = join(this.#folder, this.#name + prefix + new Date(nowMs).toISOString().replaceAll(':', ''));
    await this.#disk.rename(from, path);
    for (const older of (await this.#named(prefix)).slice(0, -MAX_KEPT)) await this.#disk.rm(older);
    return path;
  }

  /** Paths of the files that were kept under a suffix, oldest first. */
  async #named(prefix: string): Promise<string[]> {
    const names = (await this.#disk.readdir(this.#folder))
      .filter((name) => name.startsWith(this.#name + prefix))
      .sort();
    return names.map((name) => join(this.#folder, name));
  }

  /** Syncs the folder, so that a rename in it survives a power failure. */
  async #syncFolder(): Promise<void> {
    const handle = await this.#disk.open(this.#folder);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #writeTemporary(pieces: Iterable<Uint8Array>, signal: AbortSignal): Promise<number> {
    const handle = await this.#disk.open(this.#temporaryPath, 'w');
    try {
      let bytes = 0;
      for (const piece of pieces) {
        signal.throwIfAborted();
        for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten;
        bytes += piece.length;
      }
      // Synced before it is renamed, because a power failure might leave the new name without the bytes.
      await handle.sync();
      signal.throwIfAborted();
      return bytes;
    } finally {
      await handle.close();
    }
  }
}

/** Makes a folder and those above it. Node's own `recursive` tries forever where `mkdir` says ENOENT, as in `/proc`. */
async function makeFolder(disk: SnapshotDisk, folder: string): Promise<void> {
  const path = resolve(folder);
  const make = async () => {
    await disk.mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  };
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(disk, dirname(path));
    await make();
  }
}

/** Reads on from the end of the last read, into one buffer. */
function readerOf(handle: SnapshotHandle): ReadBytes {
  let buffer = new Uint8Array(0);
  return async (length) => {
    if (length > buffer.length) buffer = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  };
}
