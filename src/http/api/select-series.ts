import type { EngineQueries } from '../../engine/query/engine-queries.js';
import type { SeriesStatus } from '../../engine/query/series-report.js';
import type { TrackedSeries } from '../../engine/series/tracked-series.js';
import { formatLabels, type Labels } from '../../model/labels/labels.js';
import { compileMatchers, REQUEST_LIMITS } from '../../model/labels/matcher.js';
import { parseSelector } from '../../model/labels/selector.js';
import type { Unmatched } from '../../model/settings/unmatched.js';
import { badRequest, choiceParam } from '../request/query-params.js';
import type { ReadWork } from '../request/reads.js';
import { ALARM_KINDS } from './alarm-json.js';
import type { AlarmKind, SummaryJson } from './api.js';

/** Which series a request is about; each field narrows. */
export interface SeriesQuery {
  /** Series selectors, any of which has to match. */
  'match[]'?: string | string[];
  /** Words that all have to be somewhere in the series as PromQL writes it, whatever their case. */
  search?: string;
  rule?: string;
  /** `true`: only series that have no label which the selector does not name. */
  exact?: string;
  /** Only series in alarm: of this kind, or of `any`. */
  alarm?: string;
}

/** A series that was asked for, with as much as ordering needs. */
export interface SelectedSeries {
  readonly series: TrackedSeries;
  readonly status: SeriesStatus;
  readonly labels: Labels;
}

const MAX_SELECTORS = 64;

/** Compiles a query into a predicate, a selector at a time. Throws `RequestError` (400) for an invalid selector. */
export async function seriesPredicate(
  query: SeriesQuery,
  work: ReadWork,
): Promise<(labels: Labels, rule: string) => boolean> {
  const isExact = choiceParam('exact', query.exact, ['false', 'true']) === 'true';
  const selectors = [query['match[]'] ?? []].flat();
  if (selectors.length > MAX_SELECTORS) {
    throw badRequest(`${selectors.length} match[] parameters: at most ${MAX_SELECTORS} are allowed`);
  }
  const matchers: ((labels: Labels) => boolean)[] = [];
  for (const text of selectors) {
    matchers.push(compile(text, isExact));
    await work.pause();
  }
  const words = (query.search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return (labels, rule) => {
    if (query.rule !== undefined && query.rule !== rule) return false;
    if (matchers.length > 0 && !matchers.some((matches) => matches(labels))) return false;
    if (words.length === 0) return true;
    const text = formatLabels(labels).toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

function compile(text: string, isExact: boolean): (labels: Labels) => boolean {
  try {
    const matchers = parseSelector(text, REQUEST_LIMITS);
    const matches = compileMatchers(matchers, REQUEST_LIMITS);
    if (!isExact) return matches;
    const named = new Set(matchers.map(({ name }) => name));
    return (labels) => matches(labels) && labels.every(({ name }) => named.has(name));
  } catch (cause) {
    throw badRequest(`invalid parameter "match[]": ${(cause as Error).message}`);
  }
}

/** Every tracked series that matches, in no order. Other requests go on meanwhile. */
export async function selectSeries(
  queries: EngineQueries,
  query: SeriesQuery,
  work: ReadWork,
): Promise<SelectedSeries[]> {
  const alarm = alarmParam(query.alarm);
  const matches = await seriesPredicate(query, work);
  const selected: SelectedSeries[] = [];
  for (const series of queries.series()) {
    await work.pause();
    // It may have gone in the pause.
    if (!queries.isTracked(series)) continue;
    const status = queries.status(series);
    if (!isWanted(status, alarm)) continue;
    const labels = queries.labels(series);
    if (matches(labels, status.rule)) selected.push({ series, status, labels });
  }
  return selected;
}

type AlarmFilter = AlarmKind | 'any' | undefined;

function alarmParam(text: string | undefined): AlarmFilter {
  return text === undefined ? undefined : choiceParam<AlarmKind | 'any'>('alarm', text, ['any', ...ALARM_KINDS]);
}

function isWanted({ alarm }: SeriesStatus, filter: AlarmFilter): boolean {
  return filter === undefined || (alarm !== undefined && (filter === 'any' || filter === alarm.kind));
}

/**
 * The orders a list can be asked for. `score`: highest first, then the series without one. `outside`: those in
 * alarm, highest score first, then the others by name: which score is higher among these is noise, and a list that people
 * read stands still there.
 */
export const SERIES_ORDERS = ['score', 'outside'] as const;

/** Sorts in place. */
export function sortSeries(selected: SelectedSeries[], order: (typeof SERIES_ORDERS)[number]): void {
  if (order === 'score') {
    selected.sort((a, b) => rank(b.status) - rank(a.status));
    return;
  }
  const keyed = selected.map((one) => ({ one, rank: group(one.status), name: formatLabels(one.labels) }));
  keyed.sort((a, b) => b.rank - a.rank || (a.name < b.name ? -1 : 1));
  keyed.forEach(({ one }, i) => {
    selected[i] = one;
  });
}

/** Counts every tracked series, whatever is asked for. */
export async function summarize(
  queries: EngineQueries,
  unmatched: Unmatched | undefined,
  work: ReadWork,
): Promise<SummaryJson> {
  let [series, anomalous, learning, ended] = [0, 0, 0, 0];
  const kinds = new Map<AlarmKind, number>();
  const rules = new Map<string, { name: string; series: number; anomalous: number }>();
  for (const tracked of queries.series()) {
    await work.pause();
    if (!queries.isTracked(tracked)) continue;
    const status = queries.status(tracked);
    const name = status.rule;
    const rule = rules.get(name) ?? { name, series: 0, anomalous: 0 };
    rules.set(name, rule);
    series++;
    rule.series++;
    if (status.state === 'learning') learning++;
    if (status.state === 'ended') ended++;
    if (status.alarm !== undefined) {
      anomalous++;
      rule.anomalous++;
      kinds.set(status.alarm.kind, (kinds.get(status.alarm.kind) ?? 0) + 1);
    }
  }
  const history = queries.historyProgress;
  const full = queries.fullBecause;
  return {
    series,
    anomalous,
    learning,
    ended,
    ...(full !== undefined && { full: full === 'seriesLimit' ? 'series_limit' : 'memory_limit' }),
    ...(unmatched !== undefined &&
      unmatched.series > 0 && { unmatched: { series: unmatched.series, near_miss: unmatched.nearMiss } }),
    ...(history !== undefined && history.total > 0 && { history }),
    kinds: ALARM_KINDS.flatMap((kind) => {
      const count = kinds.get(kind);
      return count === undefined ? [] : [{ kind, anomalous: count }];
    }),
    rules: [...rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function rank({ state, score }: SeriesStatus): number {
  return state === 'ended' || Number.isNaN(score) ? -1 : score;
}

/** The score of what is in alarm; 0 of what is not, −1 while learning, −2 at the end. */
function group(status: SeriesStatus): number {
  if (status.state === 'ended') return -2;
  if (status.state === 'learning') return -1;
  return status.alarm === undefined ? 0 : status.score;
}
