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

/** What is in the file: Unix milliseconds, 0 where there is none. */
interface Mark {
  /** Nothing was written beyond it by the process that left this file. */
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
  /** NaN where nothing is known of the process before. */
  #unknownMs: number;
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

  /** Reads what the process before left; `isRestored`: whether its snapshot was loaded. The folder must be prepared. */
  async load(isRestored: boolean): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    try {
      const bytes = await file.read(async (read) => Buffer.from(await read(MAX_BYTES)));
      if (bytes === undefined) return;
      const { reservedMs, unknownMs } = parseMark(bytes.toString('utf8'));
      this.#unknownMs = isRestored ? unknownMs : reservedMs;
    } catch (err) {
      this.#unknownMs = Number.NaN;
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

  /** To be called when nothing more is written, and the snapshot has been; `isSaved`: whether that succeeded. */
  async close(isSaved: boolean): Promise<void> {
    this.#closed = true;
    await this.#writing;
    if (this.#file === undefined || !this.#hasWritten || !isSaved) return;
    const unknownMs = Number.isNaN(this.#unknownMs) ? this.#reservedMs : this.#unknownMs;
    try {
      await this.#write(this.#file, { reservedMs: this.#reservedMs, unknownMs });
    } catch (err) {
      this.#log.error({ err }, 'cannot note that this process wrote no more curves: the next one leaves a gap in them');
    }
  }

  async #reserve(file: SnapshotFile, untilMs: number): Promise<void> {
    try {
      await this.#write(file, { reservedMs: untilMs, unknownMs: untilMs });
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
  }
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Throws for anything but what is written above. */
function parseMark(text: string): Mark {
  const { reserved, unknown } = JSON.parse(text) as { reserved: string; unknown: string };
  const mark = { reservedMs: Date.parse(reserved), unknownMs: Date.parse(unknown) };
  if (!Number.isFinite(mark.reservedMs) || !Number.isFinite(mark.unknownMs)) throw new Error('it has no times');
  return mark;
}
