import type { SnapshotDisk, SnapshotHandle } from '#src/engine/snapshot/snapshot-file.js';
import type { Random } from '../ordinary-days/random.js';
import type { SimulatedClock } from './clock.js';

/** What is wrong with the disk. */
export type DiskFault = 'full' | 'read-only' | 'failing' | undefined;

interface File {
  bytes: Buffer;
  /** What of it survives the loss of power. */
  durable: Buffer;
  isDamaged: boolean;
}

const ERRORS = { full: 'ENOSPC', 'read-only': 'EROFS', failing: 'EIO' } as const;
export const STORAGE = '/data';
export const SNAPSHOT = `${STORAGE}/sentio.snapshot`;
const MAX_LATENCY_MS = 20;

/**
 * The disk of the simulated machine. Whatever is not synced is lost with the power, or is there in part; whatever was
 * written is there after a process was killed. Anything may happen between any two operations.
 */
export class SimulatedDisk {
  fault: DiskFault;
  /** Called before and after each operation: where it kills the process, that never hears of what it did. */
  atEachOperation: () => void = () => {};
  operations = 0;
  /** Whether the snapshot that was set aside last had been damaged: that it cannot be used is then no wonder. */
  isDamaged = false;
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  #names = new Map<string, File>();
  #durableNames = new Map<string, File>();

  constructor(clock: SimulatedClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The disk as a process sees it that goes with `owner`. */
  mount(owner: object): SnapshotDisk {
    const operation = async <T>(run: () => T): Promise<T> => {
      this.operations++;
      this.atEachOperation();
      await this.#clock.sleep(this.#random.uniform() * MAX_LATENCY_MS, owner);
      const result = run();
      this.atEachOperation();
      await this.#clock.sleep(0, owner);
      return result;
    };
    const open = (path: string, flags: 'r' | 'w') => {
      if (flags === 'w') {
        this.#mayWrite(path);
        this.#names.set(path, { bytes: Buffer.alloc(0), durable: Buffer.alloc(0), isDamaged: false });
      }
      const file = this.#names.get(path);
      if (file === undefined && path.includes('.')) throw failure('ENOENT', path);
      return this.#handle(path, file, operation);
    };
    return {
      access: (path) => operation(() => this.#mayWrite(path)),
      mkdir: (path) => operation(() => this.#mayWrite(path)),
      open: (path, flags = 'r') => operation(() => open(path, flags)),
      readdir: () => operation(() => [...this.#names.keys()].map((path) => path.slice(path.lastIndexOf('/') + 1))),
      rename: (from, to) =>
        operation(() => {
          this.#mayWrite(from);
          const file = this.#names.get(from);
          if (file === undefined) throw failure('ENOENT', from);
          if (from === SNAPSHOT) this.isDamaged = file.isDamaged;
          this.#names.delete(from);
          this.#names.set(to, file);
        }),
      rm: (path) =>
        operation(() => {
          if (this.#names.has(path) && this.fault === 'read-only') throw failure('EROFS', path);
          this.#names.delete(path);
        }),
      lockFolder: () => operation(() => async () => {}),
    };
  }

  /** A file as the next process finds it; undefined where there is none. */
  file(path: string): Buffer | undefined {
    return this.#names.get(path)?.bytes;
  }

  /** What was not synced is gone, or there in part. */
  losePower(): void {
    // A rename that was not synced may have come to the disk all the same.
    const names = this.#random.uniform() < 0.5 ? this.#names : this.#durableNames;
    this.#names = new Map(
      [...names].map(([path, { bytes, durable, isDamaged }]) => {
        const kept = Math.max(durable.length, Math.floor(this.#random.uniform() * bytes.length));
        const left = Buffer.concat([durable, bytes.subarray(durable.length, kept)]);
        return [path, { bytes: left, durable: left, isDamaged }];
      }),
    );
    this.#durableNames = new Map(this.#names);
  }

  /** Changes a byte of a file, or cuts it short, if there is such a file. */
  damage(path: string): void {
    const file = this.#names.get(path);
    if (file === undefined || file.bytes.length === 0) return;
    file.isDamaged = true;
    const at = Math.floor(this.#random.uniform() * file.bytes.length);
    const bytes = Buffer.from(file.bytes);
    bytes[at]! ^= 1 << Math.floor(this.#random.uniform() * 8);
    file.bytes = this.#random.uniform() < 0.7 ? bytes : bytes.subarray(0, at);
    file.durable = file.bytes;
  }

  #handle(path: string, file: File | undefined, operation: <T>(run: () => T) => Promise<T>): SnapshotHandle {
    let position = 0;
    return {
      read: (buffer, offset, length) =>
        operation(() => {
          if (this.fault === 'failing') throw failure('EIO', path);
          const part = file!.bytes.subarray(position, position + this.#part(length));
          buffer.set(part, offset);
          position += part.length;
          return { bytesRead: part.length };
        }),
      write: (buffer, offset) =>
        operation(() => {
          if (this.fault !== undefined) throw failure(ERRORS[this.fault], path);
          const part = buffer.subarray(offset, offset + this.#part(buffer.length - offset));
          file!.bytes = Buffer.concat([file!.bytes, part]);
          return { bytesWritten: part.length };
        }),
      sync: () =>
        operation(() => {
          if (this.fault === 'failing') throw failure('EIO', path);
          // Of a folder it makes the names last.
          if (file === undefined) this.#durableNames = new Map(this.#names);
          else file.durable = file.bytes;
        }),
      close: () => operation(() => {}),
    };
  }

  #mayWrite(path: string): void {
    if (this.fault === 'read-only') throw failure('EROFS', path);
  }

  /** A read or a write may do less than it was asked for. */
  #part(length: number): number {
    return this.#random.uniform() < 0.1 ? Math.ceil(length * this.#random.uniform()) : length;
  }
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
