import { icalYears, MAX_ICAL_BYTES, readIcal } from '../calendar/ical/ical-events.js';
import { UsageError } from '../lib/errors.js';
import { WatchedFiles } from '../lib/files/watched-files.js';
import type { IcalSource } from '../model/settings/ical-source.js';
import type { CalendarEvent } from '../model/settings/special-days.js';
import { HttpClient, type HttpClientOptions } from '../remote/http/http-client.js';

const FILE_INTERVAL_MS = 60_000;
/** A server that does not answer is asked again this soon. */
const RETRY_INTERVAL_MS = 60_000;
const HEADERS = { accept: 'text/calendar' };

/** What reads the text of an iCalendar; rejects where there is none. */
interface IcalReader {
  readonly intervalMs: number;
  read(): Promise<string>;
  close(): Promise<void>;
}

/** The iCalendar of one calendar, read again and again. What fails leaves what it had last. */
export class CalendarFeed {
  readonly source: IcalSource;
  readonly #reader: IcalReader;
  readonly #now: () => number;
  #events: readonly CalendarEvent[];
  /** What the present entries were read from. */
  #read: { readonly text: string; readonly year: number } | undefined;
  #problem: string | undefined;

  /** `events` are those to begin with. */
  constructor(source: IcalSource, events: readonly CalendarEvent[], options: HttpClientOptions) {
    this.source = source;
    this.#events = events;
    this.#now = options.now ?? Date.now;
    this.#reader = 'file' in source ? fileReader(source.file) : urlReader(source, options);
  }

  get events(): readonly CalendarEvent[] {
    return this.#events;
  }

  /** What the present entries were read from; undefined where that was not here. */
  get text(): string | undefined {
    return this.#read?.text;
  }

  /** Goes on from a text that was read before; returns whether it has other entries now. Throws `UsageError` for no iCalendar. */
  restore(text: string): boolean {
    return this.#take(text);
  }

  /** Why it could not be read the last time; undefined where it could. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** When it is to be read again. */
  get waitMs(): number {
    const { intervalMs } = this.#reader;
    return this.#problem === undefined ? intervalMs : Math.min(intervalMs, RETRY_INTERVAL_MS);
  }

  /** Reads it again; resolves with whether it has other entries now. Never rejects. */
  async refresh(): Promise<boolean> {
    try {
      const hasChanged = this.#take(await this.#reader.read());
      this.#problem = undefined;
      return hasChanged;
    } catch (error) {
      this.#problem = (error as Error).message;
      return false;
    }
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  #take(text: string): boolean {
    const year = new Date(this.#now()).getUTCFullYear();
    const isSame = text === this.#read?.text && year === this.#read.year;
    const events = isSame ? this.#events : readIcal(text, icalYears(year));
    this.#read = { text, year };
    const hasChanged = JSON.stringify(events) !== JSON.stringify(this.#events);
    if (hasChanged) this.#events = events;
    return hasChanged;
  }
}

function fileReader(path: string): IcalReader {
  const file = new WatchedFiles({ paths: [path], maxBytes: MAX_ICAL_BYTES, make: ([text = '']) => text });
  return {
    intervalMs: FILE_INTERVAL_MS,
    async read() {
      const text = await file.current();
      if (file.problem !== undefined) throw new UsageError(file.problem);
      return text;
    },
    close: async () => {},
  };
}

function urlReader(
  { endpoint, refreshIntervalMs }: Extract<IcalSource, { endpoint: unknown }>,
  options: HttpClientOptions,
): IcalReader {
  const client = new HttpClient(endpoint, options);
  return {
    intervalMs: refreshIntervalMs,
    async read() {
      const { status, body, truncated } = await client.get({ headers: HEADERS, maxAnswerBytes: MAX_ICAL_BYTES });
      if (status !== 200)
        throw new UsageError(`the server answered ${status}${REDIRECTS.has(status) ? REDIRECTED : ''}`);
      if (truncated) throw new UsageError(`the answer has more than ${MAX_ICAL_BYTES / 2 ** 20} MiB`);
      return Buffer.from(body).toString();
    },
    close: () => client.close(),
  };
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const REDIRECTED = ': redirects are not followed, set the URL that it leads to';
