import { ExcludedTimes } from '../calendar/excluded-times.js';
import { RuleCalendar } from '../calendar/rule-calendar.js';
import { formatDuration } from '../lib/durations.js';
import type { SeriesSettings } from '../model/settings/settings.js';
import { syntaxError } from '../promql/syntax-error.js';
import type { Config } from './config.js';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** Excluded times of a week are all seen in it. */
const LOOKED_AT_WEEKS = 4;

/** What is allowed in a configuration and yet most likely wrong, or is no use at present, a sentence each. */
export function configWarnings(
  { remoteWrite, remoteRead, rules, icalSources }: Pick<Config, 'remoteWrite' | 'remoteRead' | 'rules' | 'icalSources'>,
  nowMs = Date.now(),
): string[] {
  const fetched = new Set(icalSources.flatMap((source) => ('file' in source ? [] : [source.calendar])));
  return [
    ...new Set(rules.flatMap(({ settings }) => [...calendarWarnings(settings, fetched, nowMs)])),
    ...rules.flatMap(({ name, settings }) => [...exclusionWarnings(name, settings, nowMs)]),
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

/** Where no time is left that alarms, or none that is learnt. */
function* exclusionWarnings(rule: string, settings: SeriesSettings, nowMs: number): Iterable<string> {
  const { specialDays, exclude, historyMs } = settings;
  if (exclude.length === 0 && !specialDays.some(({ meaning }) => meaning.kind === 'ignore')) return;
  const calendar = new RuleCalendar(settings);
  const excluded = new ExcludedTimes(settings);
  const isLeft = (fromMs: number, toMs: number, effect: 'alarms' | 'learn') => {
    for (let timeMs = fromMs; timeMs < toMs; timeMs += HOUR_MS) {
      if (!calendar.ignores(timeMs) && excluded.at(timeMs).every((span) => span[effect])) return true;
    }
    return false;
  };
  if (!isLeft(nowMs, nowMs + LOOKED_AT_WEEKS * 7 * 24 * HOUR_MS, 'alarms'))
    yield `rule "${rule}": all of the coming ${LOOKED_AT_WEEKS} weeks is excluded: nothing will alarm`;
  if (!isLeft(nowMs - historyMs, nowMs, 'learn'))
    yield `rule "${rule}": all of the history of ${formatDuration(historyMs)} is excluded: there is nothing to learn`;
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
    : [
        `query ${name}: its expression is no PromQL, which is right only if its source speaks MetricsQL or another version of PromQL: ${error}`,
      ];
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
