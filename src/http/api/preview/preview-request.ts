import type { EngineQueries } from '../../../engine/query/engine-queries.js';
import type { TrackedSeries } from '../../../engine/series/tracked-series.js';
import { isDeeperThan } from '../../../lib/depth.js';
import { FirstItems } from '../../../lib/first-items.js';
import { formatLabels, type Labels } from '../../../model/labels/labels.js';
import type { Samples } from '../../../model/samples/columns.js';
import type { SeriesReference } from '../../../model/settings/series-reference.js';
import type { Rule } from '../../../model/settings/settings.js';
import { badRequest } from '../../request/query-params.js';
import type { ReadWork } from '../../request/reads.js';
import type { SelectedSeries, SeriesQuery } from '../select-series.js';

/** The most series of one preview: each is replayed twice, which takes about a second. */
export const MAX_SERIES = 20;
/** As much as the default history. */
const MAX_DAYS = 15;
const DEFAULT_DAYS = 7;
/** No key of a rule is that deep. */
const MAX_DEPTH = 10;
/** Fewer values in the rings are no history to replay. */
const MIN_VALUES = 20;

/** What `POST /api/v1/preview` is asked. */
export interface PreviewBody {
  readonly which: SeriesQuery;
  /** Of more series than this the ones with the most alarms are replayed; undefined: more than `MAX_SERIES` are refused. */
  readonly limit: number | undefined;
  readonly days: number;
  /** Keys of a rule and their values, or texts such as `anomaly.min_deviation=5`. */
  readonly change: object | readonly string[];
  /** Whether the answer says how far it is. */
  readonly progress: boolean;
}

/** Reads the body. Throws `RequestError` (400) for anything that is not of its form. */
export function previewBody(body: unknown): PreviewBody {
  if (!isMap(body)) throw badRequest('the body must be a JSON object with match and change');
  if (isDeeperThan(body, MAX_DEPTH)) throw badRequest(`the body is nested more than ${MAX_DEPTH} deep`);
  const { match, rule, search, exact, alarm, ...how } = body;
  const { limit, days = DEFAULT_DAYS, change, set, progress = false, ...others } = how;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw badRequest(
      `${unknown}: unknown, known are match, rule, search, exact, alarm, limit, days, change, set and progress`,
    );
  }
  const which: SeriesQuery = {};
  if (match !== undefined || (rule === undefined && search === undefined)) which['match[]'] = selectors(match);
  if (rule !== undefined) which.rule = text('rule', rule);
  if (search !== undefined) which.search = text('search', search);
  if (alarm !== undefined) which.alarm = text('alarm', alarm);
  if (flag('exact', exact ?? false)) which.exact = 'true';
  if (typeof days !== 'number' || !(days >= 1 && days <= MAX_DAYS)) {
    throw badRequest(`days: must be a number from 1 to ${MAX_DAYS}, got ${JSON.stringify(days)}`);
  }
  if (limit !== undefined && !(Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= MAX_SERIES)) {
    throw badRequest(`limit: must be a whole number from 1 to ${MAX_SERIES}, got ${JSON.stringify(limit)}`);
  }
  return {
    which,
    limit: limit as number | undefined,
    days,
    change: changeOf(change, set),
    progress: flag('progress', progress),
  };
}

function selectors(match: unknown): string[] {
  const list = typeof match === 'string' ? [match] : match;
  if (!Array.isArray(list) || list.length === 0 || !list.every((each) => typeof each === 'string')) {
    throw badRequest('match: must be a selector or a list of them');
  }
  return list;
}

function changeOf(change: unknown, set: unknown): object | readonly string[] {
  if (set === undefined) {
    if (!isMap(change) || Object.keys(change).length === 0) {
      throw badRequest('change: must have keys of a rule, such as {"anomaly": {"min_deviation": 5}}');
    }
    return change;
  }
  if (change !== undefined) throw badRequest('set: cannot be given together with change');
  if (!Array.isArray(set) || set.length === 0 || !set.every((each) => typeof each === 'string')) {
    throw badRequest('set: must be a list of KEY=VALUE, such as ["anomaly.min_deviation=5"]');
  }
  return set;
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw badRequest(`${name}: must be text`);
  return value;
}

function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw badRequest(`${name}: must be true or false`);
  return value;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A series with its history, as it is replayed. */
export interface PreviewSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly samples: Samples;
  /** What a reference to another series comes to at present; no number where that is not known. */
  readonly figureOf: (reference: SeriesReference) => number | string;
}

/** The one rule of these series. Throws `RequestError` (400) where there are several. */
export function ruleOf(selected: readonly SelectedSeries[], queries: EngineQueries): Rule {
  const rules = [...new Set(selected.map(({ status }) => status.rule))];
  if (rules.length > 1) throw badRequest(`match selects series of several rules: ${rules.join(', ')}`);
  return queries.rule(selected[0]!.series);
}

/** The series that are replayed, by name, with their history. Throws `RequestError` (400) where they are too many, or all young. */
export async function seriesToReplay(
  selected: readonly SelectedSeries[],
  limit: number | undefined,
  queries: EngineQueries,
  work: ReadWork,
): Promise<PreviewSeries[]> {
  if (limit === undefined && selected.length > MAX_SERIES) {
    throw badRequest(`match selects ${selected.length} series: at most ${MAX_SERIES} can be replayed at once`);
  }
  const first = new FirstItems<{ series: TrackedSeries; labels: Labels; name: string; alarms: number }>(
    limit ?? MAX_SERIES,
    (a, b) => b.alarms - a.alarms || (a.name < b.name ? -1 : 1),
  );
  for (const { series } of selected) {
    if (work.isSliceOver) await work.pause();
    // It may have gone in the pause.
    if (!queries.isTracked(series)) continue;
    const labels = queries.labels(series);
    const alarms = series.alarms.list.filter(({ suppressed }) => !suppressed).length;
    first.add({ series, labels, name: formatLabels(labels), alarms });
  }
  const replayed = first.all
    .filter(({ series }) => queries.isTracked(series))
    .map(({ series, labels, name }) => ({
      name,
      labels,
      samples: queries.history(series),
      figureOf: (reference: SeriesReference) => queries.match(series, reference),
    }))
    .filter(({ samples }) => samples.values.length >= MIN_VALUES)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (replayed.length === 0) throw badRequest('these series have no history to replay yet');
  return replayed;
}
