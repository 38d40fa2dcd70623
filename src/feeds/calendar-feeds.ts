import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Gauge, Registry } from 'prom-client';
import { gauge } from '../lib/metrics/metrics.js';
import { pause } from '../lib/pause.js';
import type { IcalSource } from '../model/settings/ical-source.js';
import type { CalendarEvent } from '../model/settings/special-days.js';
import type { HttpClientOptions } from '../remote/http/http-client.js';
import { CalendarFeed } from './calendar-feed.js';

/** Sixteen calendars of the greatest size that is read. */
const MAX_KEPT_BYTES = 32 * 2 ** 20;

export interface CalendarFeedsOptions extends Omit<HttpClientOptions, 'log'> {
  readonly log: Logger;
  readonly registry: Registry;
  readonly now: () => number;
  /** Called when a calendar has other entries. */
  readonly onChange: () => void;
}

/** The iCalendars of a configuration, each read again at its interval. */
export class CalendarFeeds {
  readonly #options: CalendarFeedsOptions;
  readonly #isRead: Gauge<'calendar'>;
  readonly #readAt: Gauge<'calendar'>;
  readonly #count: Gauge<'calendar'>;
  #feeds: readonly CalendarFeed[] = [];
  /** Keeps what `save` gives over a restart. */
  persist: () => Promise<void> = async () => {};
  /** What was kept of each. */
  readonly #kept = new WeakMap<CalendarFeed, string>();
  readonly #timers = new Map<CalendarFeed, NodeJS.Timeout>();
  readonly #closing = new AbortController();

  constructor(sources: readonly IcalSource[], options: CalendarFeedsOptions) {
    this.#options = options;
    const { registry } = options;
    this.#isRead = gauge(
      registry,
      'sentio_calendar_last_read_successful',
      'Whether the iCalendar of a calendar could be read the last time (1), or what it had before is used (0).',
      ['calendar'],
    );
    this.#readAt = gauge(
      registry,
      'sentio_calendar_last_read_success_timestamp_seconds',
      'When the iCalendar of a calendar was last read.',
      ['calendar'],
    );
    this.#count = gauge(
      registry,
      'sentio_calendar_entries',
      'Entries of the iCalendar of a calendar, from three years ago to next year.',
      ['calendar'],
    );
    this.#feeds = sources.map((source) => this.#open(source, source.events));
  }

  /** The entries that each calendar has now, by its name. */
  get events(): ReadonlyMap<string, readonly CalendarEvent[]> {
    return new Map(this.#feeds.map(({ source, events }) => [source.calendar, events]));
  }

  /** The texts of those that were fetched, for `restore`; those that are too much together are left out. */
  save(): string {
    let bytes = 0;
    const copies = this.#feeds.flatMap(({ source, text }) => {
      if ('file' in source || text === undefined) return [];
      bytes += text.length;
      return bytes > MAX_KEPT_BYTES ? [] : [{ calendar: source.calendar, of: fingerprint(source), text }];
    });
    return JSON.stringify(copies);
  }

  /**
   * Goes on from what `save` gave, as far as it was fetched from the same URLs; to be called before `start`. Throws for
   * anything else.
   */
  restore(saved: string): void {
    const copies: unknown = JSON.parse(saved);
    if (!Array.isArray(copies) || !copies.every(isCopy)) throw new SyntaxError('no copies of calendars');
    let hasChanged = false;
    for (const { calendar, of, text } of copies) {
      const feed = this.#feeds.find(({ source }) => source.calendar === calendar && fingerprint(source) === of);
      if (feed === undefined) continue;
      hasChanged = feed.restore(text) || hasChanged;
      this.#kept.set(feed, text);
    }
    if (hasChanged) this.#options.onChange();
  }

  /** Reads all of them, now and from now on; resolves when each was read once or could not be, after `waitMs` at the latest. */
  async start(waitMs: number): Promise<void> {
    const reads = Promise.all(this.#feeds.map((feed) => this.#refresh(feed)));
    if (this.#feeds.length > 0) await Promise.race([reads, pause(waitMs, this.#closing.signal)]);
  }

  /** Goes on with those of another configuration; one that stays in it keeps its entries until it is read again. */
  setSources(sources: readonly IcalSource[]): void {
    const former = this.#feeds;
    this.#feeds = sources.map((source) => {
      const known = former.find((feed) => isSameSource(feed.source, source));
      if (known !== undefined && !('file' in source)) return known;
      const hadEvents = former.find((feed) => feed.source.calendar === source.calendar)?.events;
      return this.#open(source, 'file' in source ? source.events : (hadEvents ?? source.events));
    });
    for (const feed of former) if (!this.#feeds.includes(feed)) this.#close(feed);
    for (const feed of this.#feeds) if (!former.includes(feed)) void this.#refresh(feed);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#feeds.map((feed) => feed.close()));
  }

  #open(source: IcalSource, events: readonly CalendarEvent[]): CalendarFeed {
    const { userAgent, log, now, openPool } = this.#options;
    return new CalendarFeed(source, events, { userAgent, log, now, openPool });
  }

  async #refresh(feed: CalendarFeed): Promise<void> {
    const { log, now, onChange } = this.#options;
    const { calendar } = feed.source;
    const before = feed.problem;
    const hasChanged = await feed.refresh();
    if (this.#closing.signal.aborted || !this.#feeds.includes(feed)) return;
    const { problem, events } = feed;
    this.#isRead.set({ calendar }, problem === undefined ? 1 : 0);
    this.#count.set({ calendar }, events.length);
    if (problem === undefined) this.#readAt.set({ calendar }, now() / 1000);
    if (problem !== undefined && problem !== before)
      log.warn(
        { calendar, reason: problem, entries: events.length },
        'the calendar cannot be read: its entries stay as they were',
      );
    this.#keep(feed);
    if (hasChanged) {
      log.info({ calendar, entries: events.length }, 'the calendar has changed');
      onChange();
    }
    const timer = setTimeout(() => this.#refresh(feed), feed.waitMs);
    timer.unref();
    this.#timers.set(feed, timer);
  }

  /** Has what was fetched kept, if that is something else. */
  #keep(feed: CalendarFeed): void {
    const { source, text, problem } = feed;
    if ('file' in source || problem !== undefined || text === undefined || text === this.#kept.get(feed)) return;
    this.#kept.set(feed, text);
    const { log } = this.#options;
    this.persist().catch((err) => log.warn({ err }, 'the copies of calendars cannot be written: the former ones stay'));
  }

  #close(feed: CalendarFeed): void {
    clearTimeout(this.#timers.get(feed));
    this.#timers.delete(feed);
    for (const metric of [this.#isRead, this.#readAt, this.#count]) metric.remove(feed.source.calendar);
    feed.close().catch((err) => this.#options.log.warn({ err }, 'closing a calendar failed'));
  }
}

interface Copy {
  readonly calendar: string;
  readonly of: string;
  readonly text: string;
}

function isCopy(value: unknown): value is Copy {
  const { calendar, of, text } = (value ?? {}) as Partial<Copy>;
  return [calendar, of, text].every((each) => typeof each === 'string');
}

/** Where a calendar is fetched from, without its URL, which may be a secret. */
function fingerprint(source: IcalSource): string {
  return 'file' in source ? '' : createHash('sha256').update(source.endpoint.url).digest('hex');
}

/** Whether two read the same, whatever was in it. */
function isSameSource(a: IcalSource, b: IcalSource): boolean {
  return isDeepStrictEqual({ ...a, events: [] }, { ...b, events: [] });
}
