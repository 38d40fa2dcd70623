import type { Config } from '../config/config.js';
import { withEvents } from '../config/rules/calendar-events.js';
import { USER_AGENT } from '../lib/version.js';
import { CalendarFeed } from './calendar-feed.js';

/**
 * The configuration with the days of the calendars that it has at a URL, each fetched once, for commands without a service. One that
 * cannot be read is left without days, and `complain` called with the reason.
 */
export async function fetchCalendars(config: Config, complain: (text: string) => unknown): Promise<Config> {
  const sources = config.icalSources.filter((source) => !('file' in source));
  if (sources.length === 0) return config;
  const feeds = sources.map((source) => new CalendarFeed(source, source.events, { userAgent: USER_AGENT }));
  await Promise.all(feeds.map((feed) => feed.refresh()));
  for (const { source, problem } of feeds) {
    if (problem !== undefined)
      complain(`calendar ${source.calendar} cannot be read: ${problem}; going on without its days`);
  }
  await Promise.all(feeds.map((feed) => feed.close()));
  const events = new Map(feeds.map((feed) => [feed.source.calendar, feed.events]));
  return { ...config, rules: withEvents(config.rules, events) };
}
