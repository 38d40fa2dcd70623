import type { Logger } from 'pino';
import type { Counter, Gauge, Registry } from 'prom-client';
import { counter, gauge } from '../../lib/metrics/metrics.js';
import type { ReadBytes } from '../../series/snapshot/snapshot-format.js';
import { SnapshotError } from '../../series/snapshot/snapshot-record.js';
import type { Restored } from './engine-snapshot.js';
import type { FutureMark } from './future-mark.js';
import { type SnapshotDisk, SnapshotFile } from './snapshot-file.js';

/** The engine, as far as snapshots need it. */
interface SnapshotSource {
  /** The snapshot in pieces, each valid until the next is asked for. */
  snapshot(): Iterable<Uint8Array>;
  /** Rejects, with nothing restored, for anything but a complete and undamaged snapshot. */
  restore(read: ReadBytes): Promise<Restored>;
  /** Adds series of an older snapshot that are not there, as far as there is room. */
  restoreLeftOut(read: ReadBytes): Promise<Restored>;
}

export interface SnapshotOptions {
  readonly engine: SnapshotSource;
  /** Created if it does not exist. */
  readonly folder: string;
  readonly intervalMs: number;
  readonly log: Logger;
  readonly now: () => number;
  readonly registry: Registry;
  /** What is kept in a file beside the snapshot, written after it and read before the engine starts. */
  readonly incidents?: TextSource;
  /** The same of when targets were written to. */
  readonly sent?: TextSource;
  /** The same of native histograms. */
  readonly histograms?: TextSource;
  /** The same of markers. */
  readonly markers?: TextSource;
  /** The same of series that rules refer to. */
  readonly references?: TextSource;
  /** The same of curves of series that are not here. */
  readonly curves?: TextSource;
  /** Up to where curves of the future were written; it has a file of its own. */
  readonly futureMark?: FutureMark;
  /** The machine's by default. */
  readonly disk?: SnapshotDisk;
}

/** What a file beside the snapshot needs. */
interface TextSource {
  /** All of them, in pieces of UTF-8. */
  save(): Iterable<Uint8Array>;
  /** Throws, with nothing restored, for anything but what `save` gives. */
  restore(text: string): void;
}

interface Beside {
  readonly name: string;
  readonly source: TextSource;
  readonly file: SnapshotFile;
}

/** What has a file beside the snapshot, called `sentio.` and this. */
const BESIDE = ['sent', 'incidents', 'histograms', 'markers', 'references', 'curves'] as const;
/** Some 20,000 members with long labels. */
const MAX_BESIDE_BYTES = 64 * 2 ** 20;

/** Keeps Sentio's state over a restart: writes a snapshot at an interval and at the end, and loads it at the start. */
export class Snapshots {
  readonly #engine: SnapshotOptions['engine'];
  readonly #file: SnapshotFile;
  readonly #beside: readonly Beside[];
  readonly #futureMark: FutureMark | undefined;
  readonly #intervalMs: number;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #successTime: Gauge;
  readonly #duration: Gauge;
  readonly #size: Gauge;
  readonly #failures: Counter;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<boolean> | undefined;
  #isPrepared = false;
  #started = false;

  constructor(options: SnapshotOptions) {
    const { engine, folder, intervalMs, log, now, registry, futureMark, disk } = options;
    this.#engine = engine;
    this.#file = new SnapshotFile(folder, disk);
    this.#beside = BESIDE.flatMap((name) => {
      const source = options[name];
      return source === undefined ? [] : [{ name, source, file: new SnapshotFile(folder, disk, `sentio.${name}`) }];
    });
    this.#futureMark = futureMark;
    this.#intervalMs = intervalMs;
    this.#log = log;
    this.#now = now;
    this.#successTime = gauge(
      registry,
      'sentio_snapshot_last_success_timestamp_seconds',
      'Start time of the last complete snapshot; 0 before the first.',
    );
    this.#duration = gauge(
      registry,
      'sentio_snapshot_duration_seconds',
      'Time it took to write the last complete snapshot.',
    );
    this.#size = gauge(registry, 'sentio_snapshot_size_bytes', 'Size of the last complete snapshot.');
    this.#failures = counter(
      registry,
      'sentio_snapshot_failures_total',
      'Snapshots that could not be written or loaded, by operation.',
      { operation: ['write', 'load'] },
    );
  }

  /** Makes and locks the folder. Throws `UsageError` if it is not writable, or another process uses it. */
  async prepare(): Promise<void> {
    if (this.#isPrepared) return;
    await this.#file.prepare();
    this.#isPrepared = true;
  }

  /**
   * Restores the engine, which has not started, from the snapshot if there is one. One that cannot be used is set aside.
   * Throws as `prepare`.
   */
  async load(): Promise<void> {
    await this.prepare();
    const restored = await this.#read((read) => this.#engine.restore(read), 'snapshot loaded');
    let knowsCurves = restored !== undefined;
    for (const beside of this.#beside) {
      const isRead = await this.#readBeside(beside);
      if (beside.name === 'curves' && !isRead) knowsCurves = false;
    }
    await this.#futureMark?.load(knowsCurves);
    for (const path of await this.#file.leftOut()) {
      const added = await this.#read(
        (read) => this.#engine.restoreLeftOut(read),
        'series left out before loaded',
        path,
      );
      if (added !== undefined && !hadNoRoom(added)) await this.#file.remove(path);
    }
    if (!hadNoRoom(restored)) return;
    const keptAs = await this.#file.keepLeftOut(this.#now());
    this.#log.warn(
      { excluded: restored?.excluded, keptAs },
      'series of the snapshot have no room: it is kept, and the next start tries them again',
    );
  }

  /** Reads one snapshot; one that cannot be used is set aside. */
  async #read(
    restore: (read: ReadBytes) => Promise<Restored>,
    message: string,
    path = this.#file.path,
  ): Promise<Restored | undefined> {
    const startMs = performance.now();
    try {
      const restored = await this.#file.read(
        (read) =>
          restore((length) => {
            this.#stopping.signal.throwIfAborted();
            return read(length);
          }),
        path,
      );
      if (restored === undefined) return undefined;
      this.#log.info(
        {
          series: restored.series.size,
          excluded: restored.excluded,
          takenAt: new Date(restored.takenAtMs).toISOString(),
          durationMs: Math.round(performance.now() - startMs),
        },
        message,
      );
      return restored;
    } catch (error) {
      if (this.#stopping.signal.aborted) throw error;
      this.#failures.inc({ operation: 'load' });
      const movedTo = await this.#file.setAside(this.#now(), path);
      const reason = error instanceof SnapshotError ? { reason: error.message } : { err: error };
      this.#log.error({ snapshot: path, movedTo, ...reason }, 'snapshot unusable and set aside: starting without it');
      return undefined;
    }
  }

  /** Restores what has a file beside the snapshot, if there is one. Returns false for one that cannot be used, which is set aside. */
  async #readBeside({ name, source, file }: Beside): Promise<boolean> {
    try {
      const bytes = await file.read((read) => read(MAX_BESIDE_BYTES));
      if (bytes !== undefined) source.restore(Buffer.from(bytes).toString('utf8'));
      return true;
    } catch (error) {
      this.#failures.inc({ operation: 'load' });
      const movedTo = await file.setAside(this.#now());
      this.#log.error(
        { [name]: file.path, movedTo, err: error },
        `${name} unusable and set aside: starting without them`,
      );
      return false;
    }
  }

  /** Has `load` reject before it reads on. The file stays as it is. */
  abandonLoad(): void {
    this.#stopping.abort();
  }

  /** From now on a snapshot is written every interval. */
  start(): void {
    this.#started = true;
    this.#arm();
  }

  /**
   * Writes a last snapshot, but only after `start`, because before it the folder may hold that of another process. Returns
   * false if that snapshot could not be written.
   */
  async close(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#stopping.abort();
    await this.#writing;
    const isSaved = !this.#started || (await this.#write(new AbortController().signal));
    if (this.#started) await this.#futureMark?.close(isSaved);
    this.#started = false;
    await this.#file.close();
    return isSaved;
  }

  #arm(): void {
    this.#timer = setTimeout(async () => {
      this.#writing = this.#write(this.#stopping.signal);
      await this.#writing;
      if (!this.#stopping.signal.aborted) this.#arm();
    }, this.#intervalMs);
  }

  /** Returns whether a snapshot was written. */
  async #write(signal: AbortSignal): Promise<boolean> {
    const takenAtMs = this.#now();
    const startMs = performance.now();
    try {
      await this.#futureMark?.prepareSnapshot();
      const bytes = await this.#file.write(this.#engine.snapshot(), signal);
      for (const { source, file } of this.#beside) await file.write(source.save(), signal);
      const durationMs = performance.now() - startMs;
      this.#successTime.set(takenAtMs / 1000);
      this.#duration.set(durationMs / 1000);
      this.#size.set(bytes);
      this.#log.debug({ bytes, durationMs: Math.round(durationMs) }, 'snapshot written');
      return true;
    } catch (error) {
      // Another is written at once.
      if (signal.aborted) return false;
      this.#failures.inc({ operation: 'write' });
      this.#log.error(
        { snapshot: this.#file.path, err: error },
        'writing the snapshot failed: the previous one is kept',
      );
      return false;
    }
  }
}

/** Whether series were left out that another start may have room for. */
function hadNoRoom(restored: Restored | undefined): boolean {
  return (restored?.excluded.memory ?? 0) + (restored?.excluded.limit ?? 0) > 0;
}
