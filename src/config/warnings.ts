import { RuleCalendar } from '../calendar/rule-calendar.js';
import { formatDuration } from '../lib/durations.js';
import type { SeriesSettings } from '../model/settings/settings.js';
import { syntaxError } from '../promql/syntax-error.js';
import type { Config } from './config.js';

const YEAR_MS = 365 * 86_400_000;

/** What is allowed in a configuration and yet most likely wrong, or is no use at present, a sentence each. */
export function configWarnings(
  { remoteWrite, remoteRead, rules, icalSources }: Pick<Config, 'remoteWrite' | 'remoteRead' | 'rules' | 'icalSources'>,
  nowMs = Date.now(),
): string[] {
  const fetched = new Set(icalSources.flatMap((source) => ('file' in source ? [] : [source.calendar])));
  return [
    ...new Set(rules.flatMap(({ settings }) => [...calendarWarnings(settings, fetched, nowMs)])),
    ...rules.flatMap(({ name, settings }) => changepointWarning(name, settings, nowMs)),
    ...rules.flatMap(({ name, query }) => (query === undefined ? [] : queryWarning(name, query.expression))),
    ...remoteWrite.map(({ name, url }) => pathWarning(`remote_write "${name}"`, url, '/api/v1/write', '/api/v1/read')),
    ...remoteRead.map(({ name, url, api }) => {
      const path = api === 'query_range' ? '/api/v1/query_range' : '/api/v1/read';
      return pathWarning(`remote_read "${name}"`, url, path, '/api/v1/write');
    }),
  ].filter((warning) => warning !== undefined);
}

/** `fetched`: calendars of which nothing is known yet. */
function* calendarWarnings(
  { timezone, specialDays, historyMs }: SeriesSettings,
  fetched: ReadonlySet<string>,
  nowMs: number,
): Iterable<string> {
  for (const special of specialDays) {
    const { name } = special.calendar;
    if (fetched.has(name)) continue;
    const calendar = new RuleCalendar({ timezone, specialDays: [special] });
    if (!calendar.hasDays(nowMs, nowMs + YEAR_MS)) yield `calendar "${name}" has no day in the coming year`;
    if (special.meaning.kind === 'learn' && !calendar.hasDays(nowMs - historyMs, nowMs)) {
      const history = formatDuration(historyMs);
      yield `calendar "${name}" has no day in the history of ${history}: there is nothing to learn yet`;
    }
  }
}

function changepointWarning(rule: string, { prophet, historyMs }: SeriesSettings, nowMs: number): string[] {
  const { changepointsMs = [] } = prophet;
  if (changepointsMs.length === 0 || changepointsMs.some((timeMs) => timeMs > nowMs - historyMs && timeMs < nowMs))
    return [];
  return [`rule "${rule}": none of its changepoints is in the history of ${formatDuration(historyMs)}`];
}

/** A source may speak more than PromQL, so that it is no problem of the configuration. */
function queryWarning(name: string, expression: string): string[] {
  const error = syntaxError(expression);
  return error === undefined
    ? []
    : [`query ${name}: its expression is no PromQL, which is right only if its source speaks MetricsQL: ${error}`];
}

function pathWarning(peer: string, url: string, path: string, other: string): string | undefined {
  const { protocol, host, pathname } = new URL(url);
  // Without user, password and query.
  const said = `${peer}: ${protocol}//${host}${pathname}`;
  if (pathname === '/') return `${said} has no path; the one of a Prometheus is ${path}`;
  if (pathname.endsWith(other))
    return `${said} looks like the wrong one of two URLs; the path of a Prometheus is ${path}`;
  return undefined;
}
