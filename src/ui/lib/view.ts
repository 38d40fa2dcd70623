import { formatDuration, parseDuration } from './times.js';

/** Live: so far back from now and so far ahead, in seconds (undefined: as suits the series). Fixed: from start to end. */
export type ViewRange =
  | { readonly kind: 'live'; readonly back: number | undefined; readonly ahead: number | undefined }
  | { readonly kind: 'fixed'; readonly start: number; readonly end: number };

/** What the list can be narrowed to: series in any alarm, in one of a kind, or in another state. */
export const ALARM_FILTERS = [
  'any',
  'value',
  'jump',
  'stuck',
  'drift',
  'missing',
  'rate',
  'limit',
  'learning',
  'ended',
] as const;
export type AlarmFilter = (typeof ALARM_FILTERS)[number];
export const ORDERS = ['outside', 'score', 'begin', 'duration', 'limit', 'name'] as const;
/** How far the time line of alarms looks back, in seconds; `none` hides it. */
export const LANE_SPANS = { day: 86_400, week: 604_800, none: 0 } as const;
export type LaneSpan = keyof typeof LANE_SPANS;

/** What other settings are tried on. */
const TRIAL_SCOPES = ['series', 'rule', 'list'] as const;
export type TrialScope = (typeof TRIAL_SCOPES)[number];

export interface TimeWindow {
  readonly start: number;
  readonly end: number;
}

/** All of what the page shows that an address can carry. */
export interface View {
  /** The series as PromQL writes it; undefined: none is chosen. */
  readonly series: string | undefined;
  readonly search: string;
  readonly rule: string | undefined;
  /** Only series in alarm, of one kind or of any, or in a state; undefined: all series. */
  readonly alarm: AlarmFilter | undefined;
  readonly order: (typeof ORDERS)[number];
  /** The label whose values are headings of the list; undefined: there are none. */
  readonly headings: string | undefined;
  /** Whether the series of all headings are folded away, or of none, and the headings for which it is the other way round. */
  readonly folded: 'none' | 'all';
  readonly except: readonly string[];
  readonly lanes: LaneSpan;
  /** What the time line is grouped by: `rule`, `kind`, or a label as `label:NAME`. */
  readonly group: string;
  /** Only series that were in alarm then; undefined: whenever. */
  readonly window: TimeWindow | undefined;
  readonly range: ViewRange;
  /** Whether the forecast is shown taken apart. */
  readonly components: boolean;
  /** A time, in Unix seconds, whose step is explained; undefined: none is. */
  readonly why: number | undefined;
  /** The series on which other settings are tried, in place of the list; undefined: none are. */
  readonly trial: TrialScope | undefined;
}

export const LIVE = { kind: 'live', back: undefined, ahead: undefined } as const satisfies ViewRange;

/** How far back one can look with one click. */
export const BACK_CHOICES: readonly number[] = [900, 3_600, 21_600, 86_400, 604_800, 1_209_600];
const AHEAD_CHOICES: readonly number[] = [900, 3_600, 21_600, 86_400, 604_800];
/** Enough to tell what is usual. */
const STEPS_AROUND = 60;

/** Reads the query part of an address; whatever it does not understand is as if it were not there. */
export function readView(query: string): View {
  const params = new URLSearchParams(query);
  return {
    series: params.get('series') ?? undefined,
    search: params.get('search') ?? '',
    rule: params.get('rule') ?? undefined,
    alarm: ALARM_FILTERS.find((filter) => filter === params.get('alarm')),
    order: ORDERS.find((order) => order === params.get('order')) ?? 'outside',
    headings: params.get('headings') || undefined,
    folded: params.get('folded') === 'all' ? 'all' : 'none',
    except: params.getAll('except'),
    lanes: (['day', 'week', 'none'] as const).find((span) => span === params.get('lanes')) ?? 'day',
    group: params.get('group') ?? 'rule',
    window: readWindow(params),
    range: readRange(params),
    components: params.get('components') === 'true',
    why: readTime(params.get('why')),
    trial: TRIAL_SCOPES.find((scope) => scope === params.get('try')),
  };
}

/** The query part of the address of a view, `''` for the view one starts with. */
export function writeView(view: View): string {
  const params = new URLSearchParams();
  if (view.series !== undefined) params.set('series', view.series);
  if (view.search !== '') params.set('search', view.search);
  if (view.rule !== undefined) params.set('rule', view.rule);
  if (view.alarm !== undefined) params.set('alarm', view.alarm);
  if (view.order !== 'outside') params.set('order', view.order);
  if (view.headings !== undefined) params.set('headings', view.headings);
  if (view.folded !== 'none') params.set('folded', view.folded);
  for (const name of view.except) params.append('except', name);
  if (view.lanes !== 'day') params.set('lanes', view.lanes);
  if (view.group !== 'rule') params.set('group', view.group);
  if (view.window !== undefined) {
    params.set('alarms_from', String(view.window.start));
    params.set('alarms_to', String(view.window.end));
  }
  if (view.range.kind === 'fixed') {
    params.set('start', String(view.range.start));
    params.set('end', String(view.range.end));
  } else {
    if (view.range.back !== undefined) params.set('back', formatDuration(view.range.back));
    if (view.range.ahead !== undefined) params.set('ahead', formatDuration(view.range.ahead));
  }
  if (view.components) params.set('components', 'true');
  if (view.why !== undefined) params.set('why', String(view.why));
  if (view.trial !== undefined) params.set('try', view.trial);
  const query = params.toString();
  return query === '' ? '' : `?${query}`;
}

/** How far ahead one can look with one click: never beyond the horizon, and to the horizon itself. */
export function aheadChoices(horizon: number): number[] {
  return [...AHEAD_CHOICES.filter((choice) => choice < horizon), horizon];
}

/**
 * The first of the choices that has room for some 700 steps, as many as a screen can tell apart, or for all of a younger series,
 * which began `age` seconds ago, with some room before it.
 */
export function defaultBack(step: number, age = Number.POSITIVE_INFINITY): number {
  const wanted = Math.min(step * 700, age * 1.2);
  return BACK_CHOICES.find((choice) => choice >= wanted) ?? BACK_CHOICES.at(-1)!;
}

/** What a live range depends on: step and horizon in seconds, and when the history begins, as far as that is known. */
interface LivePace {
  readonly step: number;
  readonly horizon: number;
  readonly history_from?: number | null;
}

/** How far back and ahead a live range reaches: as far ahead as back, unless it is said, and no further than the horizon. */
export function liveReach(
  range: { readonly back: number | undefined; readonly ahead: number | undefined },
  { step, horizon, history_from: from }: LivePace,
  now: number,
): { back: number; ahead: number } {
  const back = range.back ?? defaultBack(step, now - (from ?? Number.NEGATIVE_INFINITY));
  return { back, ahead: Math.min(range.ahead ?? back, horizon) };
}

/** So much of the time around an incident that one sees what was before and after. */
export function rangeAround({ start, end }: { readonly start: number; readonly end: number }, step: number): ViewRange {
  const margin = Math.max(end - start, STEPS_AROUND * step);
  return { kind: 'fixed', start: Math.floor(start - margin), end: Math.ceil(end + margin) };
}

function readWindow(params: URLSearchParams): TimeWindow | undefined {
  const start = readTime(params.get('alarms_from'));
  const end = readTime(params.get('alarms_to'));
  return start !== undefined && end !== undefined && end > start ? { start, end } : undefined;
}

function readRange(params: URLSearchParams): ViewRange {
  const start = readTime(params.get('start'));
  const end = readTime(params.get('end'));
  if (start !== undefined && end !== undefined && end > start) return { kind: 'fixed', start, end };
  return {
    kind: 'live',
    back: parseDuration(params.get('back') ?? ''),
    ahead: parseDuration(params.get('ahead') ?? ''),
  };
}

function readTime(text: string | null): number | undefined {
  const seconds = Number(text ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}
