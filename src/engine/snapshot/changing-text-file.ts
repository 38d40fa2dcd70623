import type { Logger } from 'pino';
import { type SnapshotDisk, SnapshotFile } from './snapshot-file.js';

/** A thousand exclusions, with the alarms of each. */
const MAX_BYTES = 256 * 2 ** 20;

/** What is kept, as far as its file needs it. */
export interface ChangingText {
  save(): string;
  /** Throws or rejects, with nothing restored, for anything but what `save` gives. */
  restore(text: string): void | Promise<void>;
  /** Called at every change; set by `load`. */
  persist: () => Promise<void>;
}

/** Keeps a text over a restart: its file, `sentio.` and what it is, is replaced at every change. */
export class ChangingTextFile {
  readonly #what: string;
  readonly #source: ChangingText;
  readonly #file: SnapshotFile;
  readonly #log: Logger;
  readonly #now: () => number;
  #writing: Promise<unknown> = Promise.resolve();

  /** The folder is that of the snapshot, which is locked by then. */
  constructor(options: {
    readonly what: 'exclusions' | 'calendars';
    readonly source: ChangingText;
    readonly folder: string;
    readonly log: Logger;
    readonly now: () => number;
    readonly disk?: SnapshotDisk;
  }) {
    const { what, source, folder, log, now, disk } = options;
    this.#what = what;
    this.#source = source;
    this.#file = new SnapshotFile(folder, disk, `sentio.${what}`);
    this.#log = log;
    this.#now = now;
  }

  /** Restores what was kept, and has every change written from now on. A file that cannot be used is set aside. */
  async load(): Promise<void> {
    const { path } = this.#file;
    try {
      const bytes = await this.#file.read((read) => read(MAX_BYTES));
      if (bytes !== undefined) await this.#source.restore(Buffer.from(bytes).toString('utf8'));
    } catch (error) {
      const movedTo = await this.#file.setAside(this.#now());
      this.#log.error(
        { [this.#what]: path, movedTo, err: error },
        `${this.#what} unusable and set aside: starting without them`,
      );
    }
    this.#source.persist = () => this.#write();
  }

  /** One after another: each writes what there is when its turn comes. */
  #write(): Promise<void> {
    const written = this.#writing.then(async () => {
      await this.#file.write([Buffer.from(this.#source.save())], new AbortController().signal);
    });
    this.#writing = written.catch(() => {});
    return written;
  }
}
