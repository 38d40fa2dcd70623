import { constants, type FileHandle, open } from 'node:fs/promises';
import type { Logger } from 'pino';
import { formatBytes } from '../bytes.js';
import { UsageError } from '../errors.js';

/** Files are looked at again no more often than this. */
const CHECK_INTERVAL_MS = 1_000;
/** A file that changed less long ago than this may be half written. */
const SETTLE_MS = 250;
/** A named pipe would hold a thread up until somebody writes to it. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

export interface WatchedFilesOptions<T> {
  /** In the order in which `make` gets their texts. */
  readonly paths: readonly string[];
  /** Of each file. */
  readonly maxBytes: number;
  /** Throws where the texts are no good. */
  readonly make: (texts: readonly string[]) => T;
  /** Where it is said that files were read again, or could not be used; their contents never are. */
  readonly log?: Logger | undefined;
}

/**
 * What is made of the texts (UTF-8) of some files, made again when one of them changes. Where the new texts are no good,
 * or cannot be read, the value made last stays in use, and the log says so once.
 *
 * Files are looked at when their value is asked for, and not by watching their folder: that misses what is mounted, and
 * how Kubernetes replaces a secret (a symbolic link to another folder).
 */
export class WatchedFiles<T> {
  readonly #options: WatchedFilesOptions<T>;
  #value: { readonly of: T } | undefined;
  /** Of the files as they were last read, whether good or not. */
  #stamp = '';
  #nextCheckMs = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;
  #lastProblem: string | undefined;

  constructor(options: WatchedFilesOptions<T>) {
    this.#options = options;
  }

  /** Why the files could not be used when they were last read; undefined where they could. */
  get problem(): string | undefined {
    return this.#lastProblem;
  }

  /** The value by the files as they are, or were up to a second ago. Rejects only where they never were good. */
  async current(): Promise<T> {
    if (this.#checking === undefined && performance.now() >= this.#nextCheckMs) await this.#look(SETTLE_MS);
    // While the disk hangs, the value stays in use.
    else if (this.#value === undefined) await this.#checking;
    return this.#valueOrProblem();
  }

  /** The same by the files as they are now, though they changed this instant. */
  async latest(): Promise<T> {
    await this.#checking;
    await this.#look(0);
    return this.#valueOrProblem();
  }

  #look(settleMs: number): Promise<void> {
    this.#checking = this.#check(settleMs).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  #valueOrProblem(): T {
    if (this.#value === undefined) throw new UsageError(this.#lastProblem ?? 'the files were not read yet');
    return this.#value.of;
  }

  async #check(settleMs: number): Promise<void> {
    const { paths, maxBytes, make, log } = this.#options;
    const files: FileHandle[] = [];
    try {
      for (const path of paths) files.push(await open(path, OPEN_FLAGS));
      const stats = await Promise.all(files.map((file) => file.stat()));
      const odd = stats.findIndex((stat) => !stat.isFile());
      if (odd >= 0) throw new UsageError(`${paths[odd]} is no regular file`);
      const stamp = stats.map(({ ino, size, mtimeMs, ctimeMs }) => `${ino} ${size} ${mtimeMs} ${ctimeMs}`).join();
      const isSettled = stats.every(({ mtimeMs }) => Math.abs(Date.now() - mtimeMs) >= settleMs);
      if (stamp === this.#stamp || (this.#value !== undefined && !isSettled)) return;
      this.#stamp = stamp;
      const texts = await Promise.all(files.map((file) => readAtMost(file, maxBytes)));
      const isFirst = this.#value === undefined;
      this.#value = { of: make(texts) };
      this.#lastProblem = undefined;
      if (!isFirst) log?.info({ files: paths }, 'files changed and were read again');
    } catch (error) {
      const problem = (error as Error).message;
      if (problem !== this.#lastProblem && this.#value !== undefined) {
        log?.warn(
          { files: paths, reason: problem },
          'files changed and cannot be used: going on with what they held before',
        );
      }
      this.#lastProblem = problem;
    } finally {
      this.#nextCheckMs = performance.now() + CHECK_INTERVAL_MS;
      await Promise.all(files.map((file) => file.close()));
    }
  }
}

async function readAtMost(file: FileHandle, maxBytes: number): Promise<string> {
  const buffer = Buffer.allocUnsafe(maxBytes + 1);
  let filled = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, null);
    filled += bytesRead;
    if (filled > maxBytes) throw new UsageError(`a file has more than ${formatBytes(maxBytes)}`);
    if (bytesRead === 0) return buffer.toString('utf8', 0, filled);
  }
}
