import type { Logger } from 'pino';
import { type SnapshotDisk, SnapshotFile } from './snapshot-file.js';

const NAME = 'sentio.exclusions';
/** A thousand, with the alarms of each. */
const MAX_BYTES = 256 * 2 ** 20;

/** What people exclude, as far as its file needs it. */
interface ExclusionsSource {
  save(): string;
  /** Throws, with nothing restored, for anything but what `save` gives. */
  restore(text: string): void;
  persist: () => Promise<void>;
}

/** Keeps what people exclude over a restart: its file is replaced at every change. */
export class ExclusionFile {
  readonly #source: ExclusionsSource;
  readonly #file: SnapshotFile;
  readonly #log: Logger;
  readonly #now: () => number;
  #writing: Promise<unknown> = Promise.resolve();

  /** The folder is that of the snapshot, which is locked by then. */
  constructor(options: {
    readonly exclusions: ExclusionsSource;
    readonly folder: string;
    readonly log: Logger;
    readonly now: () => number;
    readonly disk?: SnapshotDisk;
  }) {
    const { exclusions, folder, log, now, disk } = options;
    this.#source = exclusions;
    this.#file = new SnapshotFile(folder, disk, NAME);
    this.#log = log;
    this.#now = now;
  }

  /** Restores what was kept, and has every change written from now on. A file that cannot be used is set aside. */
  async load(): Promise<void> {
    const { path } = this.#file;
    try {
      const bytes = await this.#file.read((read) => read(MAX_BYTES));
      if (bytes !== undefined) this.#source.restore(Buffer.from(bytes).toString('utf8'));
    } catch (error) {
      const movedTo = await this.#file.setAside(this.#now());
      this.#log.error(
        { exclusions: path, movedTo, err: error },
        'exclusions unusable and set aside: starting without them',
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
