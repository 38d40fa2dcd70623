import type { EngineQueries } from '../../engine/query/engine-queries.js';
import type { SeriesStatus } from '../../engine/query/series-report.js';
import type { TrackedSeries } from '../../engine/series/tracked-series.js';
import { formatLabels, type Labels } from '../../model/labels/labels.js';
import { compileForBlocks, REQUEST_LIMITS } from '../../model/labels/matcher.js';
import { metricNameOf } from '../../model/labels/metric-name.js';
import { parseSelector } from '../../model/labels/selector.js';
import { badRequest, choiceParam, timeParam } from '../request/query-params.js';
import type { ReadWork } from '../request/reads.js';
import { ALARM_KINDS } from './alarm-json.js';
import type { AlarmKind } from './json/alarms.js';

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
  /** Only series in this state. */
  state?: string;
  /** With one of these, only series that were in alarm within the window, then or now. */
  start?: string;
  end?: string;
}

/** A series that was asked for, with as much as ordering needs. */
export interface SelectedSeries {
  readonly series: TrackedSeries;
  readonly status: SeriesStatus;
  readonly metric: string;
  /** Decoded at each call; none once the series is no longer tracked. */
  readonly labels: Labels;
  /** The highest score of its alarms within the window that was asked for; undefined where none was. */
  readonly peakScore?: number | undefined;
}

/** Reads of the labels what it is asked for: of most series of a long list nobody asks, and a copy of each block would cost much memory. */
class Selected implements SelectedSeries {
  readonly series: TrackedSeries;
  readonly status: SeriesStatus;
  readonly peakScore: number | undefined;
  readonly #queries: EngineQueries;

  constructor(series: TrackedSeries, status: SeriesStatus, peakScore: number | undefined, queries: EngineQueries) {
    this.series = series;
    this.status = status;
    this.peakScore = peakScore;
    this.#queries = queries;
  }

  get metric(): string {
    return this.#isTracked ? metricNameOf(this.#queries.blockView(this.series)) : '';
  }

  get labels(): Labels {
    return this.#isTracked ? this.#queries.labels(this.series) : [];
  }

  get #isTracked(): boolean {
    return this.#queries.isTracked(this.series);
  }
}

const MAX_SELECTORS = 64;

/** What `seriesPredicate` asks of a series: its labels where they are at hand, else its canonical block and, seldom, its labels. */
type Described = { readonly labels: Labels } | { readonly block: Uint8Array; readonly decode: () => Labels };

/** Compiles a query into a predicate, a selector at a time. Throws `RequestError` (400) for an invalid selector. */
export async function seriesPredicate(
  query: SeriesQuery,
  work: ReadWork,
): Promise<(series: Described, rule: string) => boolean> {
  const isExact = choiceParam('exact', query.exact, ['false', 'true']) === 'true';
  const selectors = [query['match[]'] ?? []].flat();
  if (selectors.length > MAX_SELECTORS) {
    throw badRequest(`${selectors.length} match[] parameters: at most ${MAX_SELECTORS} are allowed`);
  }
  const tests: ((series: Described) => boolean)[] = [];
  for (const text of selectors) {
    tests.push(compile(text, isExact));
    if (work.isSliceOver) await work.pause();
  }
  const words = [...new Set((query.search ?? '').toLowerCase().split(/\s+/).filter(Boolean))];
  return (series, rule) => {
    if (query.rule !== undefined && query.rule !== rule) return false;
    if (tests.length > 0 && !tests.some((matches) => matches(series))) return false;
    if (words.length === 0) return true;
    const text = formatLabels(labelsOf(series)).toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

function compile(text: string, isExact: boolean): (series: Described) => boolean {
  try {
    const matchers = parseSelector(text, REQUEST_LIMITS);
    const { accepts, acceptsBlock } = compileForBlocks(matchers, REQUEST_LIMITS);
    const named = new Set(matchers.map(({ name }) => name));
    return (series) =>
      ('labels' in series ? accepts(series.labels) : acceptsBlock(series.block)) &&
      (!isExact || labelsOf(series).every(({ name }) => named.has(name)));
  } catch (cause) {
    throw badRequest(`invalid parameter "match[]": ${(cause as Error).message}`);
  }
}

function labelsOf(series: Described): Labels {
  return 'labels' in series ? series.labels : series.decode();
}

/**
 * Calls `selected` with every tracked series that matches, in no order, and before it `any` with every tracked series,
 * whatever is asked for. Other requests go on meanwhile, so that one may be gone a turn later.
 */
export async function visitSeries(
  queries: EngineQueries,
  query: SeriesQuery,
  work: ReadWork,
  selected: (one: SelectedSeries) => void,
  any: (series: TrackedSeries, status: SeriesStatus) => void = () => {},
): Promise<void> {
  const alarm = alarmParam(query.alarm);
  const state = choiceParam('state', query.state, ['any', 'learning', 'forecasting', 'ended']);
  const window = windowOf(query);
  const matches = await seriesPredicate(query, work);
  for (const series of queries.series()) {
    if (work.isSliceOver) await work.pause();
    // It may have gone in the pause.
    if (!queries.isTracked(series)) continue;
    const status = queries.status(series);
    any(series, status);
    if ((window === undefined && !isWanted(status, alarm)) || (state !== 'any' && state !== status.state)) continue;
    const peakScore = window && peakWithin(series, window, alarm);
    if (window !== undefined && peakScore === undefined) continue;
    if (!matches({ block: queries.blockView(series), decode: () => queries.labels(series) }, status.rule)) continue;
    selected(new Selected(series, status, peakScore, queries));
  }
}

/** Every tracked series that matches, in no order; all of them still are when it resolves. Other requests go on meanwhile. */
export async function selectSeries(
  queries: EngineQueries,
  query: SeriesQuery,
  work: ReadWork,
): Promise<SelectedSeries[]> {
  const selected: SelectedSeries[] = [];
  await visitSeries(queries, query, work, (one) => selected.push(one));
  return selected.filter(({ series }) => queries.isTracked(series));
}

type AlarmFilter = AlarmKind | 'any' | undefined;

function alarmParam(text: string | undefined): AlarmFilter {
  return text === undefined ? undefined : choiceParam<AlarmKind | 'any'>('alarm', text, ['any', ...ALARM_KINDS]);
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

function windowOf({ start, end }: SeriesQuery): Window | undefined {
  if (start === undefined && end === undefined) return undefined;
  const startMs = timeParam('start', start, Number.NEGATIVE_INFINITY);
  const endMs = timeParam('end', end, Number.POSITIVE_INFINITY);
  if (endMs < startMs) throw badRequest('end is before start');
  return { startMs, endMs };
}

/** The highest score of the alarms within a window, of one kind or of any; undefined where there is none. */
function peakWithin({ alarms }: TrackedSeries, { startMs, endMs }: Window, kind: AlarmFilter): number | undefined {
  let peak: number | undefined;
  for (const alarm of alarms.list) {
    if (alarm.suppressed || alarm.toMs <= startMs || alarm.fromMs >= endMs) continue;
    if (kind === undefined || kind === 'any' || kind === alarm.kind) peak = Math.max(peak ?? 0, alarm.peakScore);
  }
  return peak;
}

function isWanted({ alarm }: SeriesStatus, filter: AlarmFilter): boolean {
  return filter === undefined || (alarm !== undefined && (filter === 'any' || filter === alarm.kind));
}
