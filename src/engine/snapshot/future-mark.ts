import type { Logger } from 'pino';
import { ThrottledLog } from '../../lib/throttled-log.js';
import { type SnapshotDisk, SnapshotFile } from './snapshot-file.js';

const NAME = 'sentio.future';
const MAX_BYTES = 4096;
/** Reserved beyond what is needed now, so that the file is written every few minutes and not at every evaluation. */
const RESERVE_MS = 10 * 60_000;
const WARN_INTERVAL_MS = 10 * 60_000;

export interface FutureMarkOptions {
  /** That of the snapshots; without one, nothing is known of the process before. */
  readonly folder: string | undefined;
  readonly log: Logger;
  readonly now: () => number;
  /** The machine's by default. */
  readonly disk?: SnapshotDisk | undefined;
}

/** What is in the file: Unix milliseconds, 0 where there is none; NaN, as `null`, where the file before could not be read. */
interface Mark {
  /** Nothing was written beyond it by any process so far. */
  readonly reservedMs: number;
  /** Up to here a series may have been written further than its snapshot says. */
  readonly unknownMs: number;
}

/**
 * Up to where curves of the future may have been written, kept in a file beside the snapshot, because an instant that is
 * written a second time, with the value of a newer model, would leave a mixture of both. The file says so before anything is written:
 * a process that is killed leaves a snapshot which is some minutes old, and the next one goes on behind what it may
 * have written since. After an orderly stop the snapshot itself says of each series up to where it was written.
 */
export class FutureMark {
  readonly #file: SnapshotFile | undefined;
  readonly #log: Logger;
  readonly #failureLog: ThrottledLog;
  readonly #startMs: number;
  #reservedMs = 0;
  /** That of the processes before. */
  #formerMs = 0;
  /** NaN where nothing is known of the process before. */
  #unknownMs: number;
  /** Whether the file takes the snapshot of the process before for the last word, although this one started without it. */
  #isOutdated = false;
  #writing: Promise<void> | undefined;
  #hasWritten = false;
  #closed = false;

  constructor({ folder, log, now, disk }: FutureMarkOptions) {
    this.#file = folder === undefined ? undefined : new SnapshotFile(folder, disk, NAME);
    this.#unknownMs = folder === undefined ? Number.NaN : 0;
    this.#log = log;
    this.#failureLog = new ThrottledLog(log, WARN_INTERVAL_MS, now);
    this.#startMs = now();
  }

  /**
   * Reads what the process before left; `isRestored`: whether its snapshot was loaded, with all it says of curves. The folder must
   * be prepared.
   */
  async load(isRestored: boolean): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    try {
      const bytes = await file.read(async (read) => Buffer.from(await read(MAX_BYTES)));
      if (bytes === undefined) return;
      const { reservedMs, unknownMs } = parseMark(bytes.toString('utf8'));
      this.#formerMs = reservedMs;
      this.#unknownMs = isRestored ? unknownMs : reservedMs;
      this.#isOutdated = !Object.is(this.#unknownMs, unknownMs);
    } catch (err) {
      this.#formerMs = Number.NaN;
      this.#unknownMs = Number.NaN;
      this.#isOutdated = true;
      this.#log.error(
        { file: file.path, err },
        'cannot read up to where curves of the future were written: series begin where those of before must have ended',
      );
    }
  }

  /** A process before this one may have written a series up to here, further than its snapshot says; 0 if none has. `futureMs`: how far ahead it wrote. */
  unknownUntilMs(futureMs: number): number {
    return Number.isNaN(this.#unknownMs) ? this.#startMs + futureMs : this.#unknownMs;
  }

  /** Whether instants up to `untilMs` may be written now. If not, they may be a little later, unless the disk fails. */
  reserves(untilMs: number): boolean {
    if (this.#file === undefined || untilMs <= this.#reservedMs) return true;
    if (!this.#closed) this.#writing ??= this.#reserve(this.#file, untilMs + RESERVE_MS);
    return false;
  }

  /**
   * To be called before a snapshot is written: the next process will find it beside the file, and it says nothing of what was written
   * before this process, where that started without the snapshot of then. Rejects if the file cannot be written.
   */
  async prepareSnapshot(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    if (this.#file === undefined || !this.#isOutdated) return;
    const writing = this.#write(this.#file, { reservedMs: this.#formerMs, unknownMs: this.#unknownMs });
    this.#writing = writing
      .catch(() => {})
      .finally(() => {
        this.#writing = undefined;
      });
    await writing;
  }

  /** To be called when nothing more is written, and the snapshot has been; `isSaved`: whether that succeeded. */
  async close(isSaved: boolean): Promise<void> {
    this.#closed = true;
    await this.#writing;
    if (this.#file === undefined || !this.#hasWritten || !isSaved) return;
    const unknownMs = Number.isNaN(this.#unknownMs) ? this.#reservedMs : this.#unknownMs;
    try {
      await this.#write(this.#file, { reservedMs: latest(this.#formerMs, this.#reservedMs), unknownMs });
    } catch (err) {
      this.#log.error({ err }, 'cannot note that this process wrote no more curves: the next one leaves a gap in them');
    }
  }

  async #reserve(file: SnapshotFile, untilMs: number): Promise<void> {
    try {
      const reservedMs = latest(this.#formerMs, untilMs);
      await this.#write(file, { reservedMs, unknownMs: latest(this.#unknownMs, untilMs) });
      this.#reservedMs = untilMs;
      this.#hasWritten = true;
    } catch (err) {
      this.#failureLog.warn(
        { err },
        'cannot note up to where curves of the future are written: none are, until it can',
      );
    } finally {
      this.#writing = undefined;
    }
  }

  async #write(file: SnapshotFile, { reservedMs, unknownMs }: Mark): Promise<void> {
    const text = `${JSON.stringify({ reserved: isoOf(reservedMs), unknown: isoOf(unknownMs) })}\n`;
    await file.write([Buffer.from(text)], new AbortController().signal);
    this.#isOutdated = false;
  }
}

/** The later of what was known before, NaN if nothing was, and what this process wrote, which is behind all it had to allow for. */
function latest(beforeMs: number, writtenMs: number): number {
  return Number.isNaN(beforeMs) ? writtenMs : Math.max(beforeMs, writtenMs);
}

function isoOf(timeMs: number): string | null {
  return Number.isNaN(timeMs) ? null : new Date(timeMs).toISOString();
}

/** Throws for anything but what is written above. */
function parseMark(text: string): Mark {
  const { reserved, unknown } = JSON.parse(text) as { reserved: string | null; unknown: string | null };
  return { reservedMs: timeOf(reserved), unknownMs: timeOf(unknown) };
}

function timeOf(text: string | null): number {
  if (text === null) return Number.NaN;
  const timeMs = Date.parse(text);
  if (!Number.isFinite(timeMs)) throw new Error('it has no times');
  return timeMs;
}
