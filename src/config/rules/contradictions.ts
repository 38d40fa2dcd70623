import { instantOf, parseClockTime } from '../../calendar/clock-time.js';
import { timeZone } from '../../calendar/time-zone.js';
import { parseDuration } from '../../lib/durations.js';
import type { Path } from '../document/problems.js';
import { twins } from '../document/twins.js';
import { SERIES_DEFAULTS } from '../schema/defaults.js';
import { MONTH, parsePeriod } from '../schema/values.js';
import { inFigures, numberOf } from './figures.js';
import type { EffectiveRule } from './fill-rule.js';

/** Keys of a rule that contradict each other. */
export interface Contradiction {
  /** Paths within the rule, the one most likely to be wrong first. */
  readonly keys: readonly Path[];
  readonly message: string;
}

/** A ring of two weeks at 1m, 80 KiB a series; a fit on it takes an order of magnitude longer than on the default. */
const MAX_BUCKETS = 20_160;
/** Fewer points than this show a level at most. */
const MIN_BUCKETS = 10;

/** Prophet's own seasons and the Fourier orders it gives them (facebook/prophet set_auto_seasonalities). */
const BUILT_IN_SEASONS = [
  { key: 'yearly_seasonality', period: '365d', order: 10 },
  { key: 'weekly_seasonality', period: '1w', order: 3 },
  { key: 'daily_seasonality', period: '1d', order: 4 },
] as const;

/** The contradictions within a rule whose keys are valid one by one. */
export function findContradictions(rule: EffectiveRule): Contradiction[] {
  return [
    ...inTimes(rule),
    ...inHorizons(rule),
    ...inGrowth(rule),
    ...inChangepoints(rule),
    ...inScaling(rule),
    ...inSeasons(rule),
    ...inDayTypes(rule),
    ...inSpecialDays(rule),
    ...inAnomaly(rule),
    ...inBounds(rule),
    ...inFigures(rule),
    ...inSeverity(rule),
  ];
}

function* inTimes(rule: EffectiveRule): Iterable<Contradiction> {
  const { step, history, resolution, refit_interval } = rule;
  const [stepMs, historyMs, resolutionMs] = [step, history, resolution].map(parseDuration) as [number, number, number];
  const buckets = Math.ceil(historyMs / resolutionMs);
  if (resolutionMs % stepMs !== 0) {
    yield { keys: [['resolution'], ['step']], message: `resolution ${resolution} is not a multiple of step ${step}` };
  } else if (buckets < MIN_BUCKETS) {
    yield {
      keys: [['history'], ['resolution'], ['step']],
      message: `history ${history} has ${buckets} buckets of ${resolution}: at least ${MIN_BUCKETS} are required`,
    };
  } else if (buckets > MAX_BUCKETS) {
    yield {
      keys: [['resolution'], ['history']],
      message: `history ${history} has ${buckets} buckets of ${resolution}: at most ${MAX_BUCKETS} are supported`,
    };
  }
  if (parseDuration(refit_interval) < stepMs) {
    yield {
      keys: [['refit_interval'], ['step']],
      message: `refit_interval ${refit_interval} is shorter than step ${step}: a refit would have no new samples`,
    };
  }
}

function* inHorizons({ step, horizon, horizons, lead }: EffectiveRule): Iterable<Contradiction> {
  const horizonMs = parseDuration(horizon);
  if (horizonMs < parseDuration(step)) {
    yield { keys: [['horizon'], ['step']], message: `horizon ${horizon} is shorter than step ${step}` };
  } else if (horizonMs < parseDuration(lead)) {
    yield { keys: [['lead'], ['horizon']], message: `lead ${lead} is beyond horizon ${horizon}` };
  }
  for (const [i, label] of horizons.entries()) {
    if (parseDuration(label) <= horizonMs) continue;
    yield { keys: [['horizons', i], ['horizon']], message: `${label} is beyond horizon ${horizon}` };
  }
  for (const i of twins(horizons, parseDuration)) {
    yield { keys: [['horizons', i]], message: `duplicate horizon ${horizons[i]}` };
  }
}

function* inGrowth({ prophet }: EffectiveRule): Iterable<Contradiction> {
  const { growth, cap, floor, optimizer } = prophet;
  const keyOf = (key: string) => ['prophet', key];
  if (growth === 'logistic') {
    if (cap === undefined) {
      yield {
        keys: [keyOf('growth')],
        message: 'logistic growth requires prophet.cap, the level at which it saturates',
      };
    } else if (numberOf(floor) >= numberOf(cap)) {
      yield { keys: [keyOf('floor'), keyOf('cap')], message: `floor ${floor} is not below cap ${cap}` };
    }
    if (optimizer === 'exact') {
      yield {
        keys: [keyOf('optimizer'), keyOf('growth')],
        message: 'the exact optimizer cannot fit logistic growth: use auto or stan',
      };
    }
    return;
  }
  for (const key of ['cap', 'floor'] as const) {
    if (prophet[key] === undefined) continue;
    yield { keys: [keyOf(key), keyOf('growth')], message: `${key} requires logistic growth, but growth is ${growth}` };
  }
}

function* inChangepoints({ prophet, timezone }: EffectiveRule): Iterable<Contradiction> {
  const { changepoints = [], growth } = prophet;
  const key = ['prophet', 'changepoints'];
  if (changepoints.length > 0 && growth === 'flat')
    yield { keys: [key, ['prophet', 'growth']], message: 'has no effect: flat growth has no trend that could change' };
  for (const i of twins(changepoints, (text) => instantOf(parseClockTime(text), timeZone(timezone))))
    yield { keys: [[...key, i]], message: `duplicate changepoint ${changepoints[i]}` };
}

function* inScaling({ prophet }: EffectiveRule): Iterable<Contradiction> {
  const { scaling, growth, seasonality_mode, seasonalities, holidays_mode } = prophet;
  if (scaling === 'absmax') return;
  const key = ['prophet', 'scaling'];
  if (growth === 'logistic') {
    yield {
      keys: [key, ['prophet', 'growth']],
      message: 'minmax cannot be used with logistic growth, which has a floor of its own',
    };
  }
  // Prophet multiplies the scaled trend when it fits and the unscaled one when it predicts.
  const message =
    'minmax cannot be used with multiplicative seasons or holidays: they would multiply the distance from the lowest value';
  if (holidays_mode === 'multiplicative') yield { keys: [key, ['prophet', 'holidays_mode']], message };
  if (seasonality_mode === 'multiplicative') yield { keys: [key, ['prophet', 'seasonality_mode']], message };
  else if (seasonalities.some(({ mode }) => mode === 'multiplicative')) {
    yield { keys: [key, ['prophet', 'seasonalities']], message };
  }
}

function* inSeasons({ history, resolution, prophet }: EffectiveRule): Iterable<Contradiction> {
  const { seasonalities } = prophet;
  for (const i of twins(seasonalities, ({ name }) => name)) {
    yield {
      keys: [['prophet', 'seasonalities', i, 'name']],
      message: `duplicate name ${JSON.stringify(seasonalities[i]!.name)}: names must be unique`,
    };
  }
  const wanted = seasonalities.map(({ period, fourier_order }, i) => ({
    key: ['seasonalities', i] as Path,
    period,
    order: fourier_order,
  }));
  for (const { key, period, order } of BUILT_IN_SEASONS) {
    const setting = prophet[key];
    // `auto` looks at the history there is, so it cannot be wrong.
    if (setting === 'auto' || setting === false) continue;
    wanted.push({ key: [key], period, order: setting === true ? order : setting });
  }
  const resolutionMs = parseDuration(resolution);
  for (const { key, period, order } of wanted) {
    const periodMs = parsePeriod(period);
    const keys = [['prophet', ...key], ['history']];
    const season = `a season of ${period === MONTH ? 'a month' : period}`;
    if (periodMs > parseDuration(history)) {
      yield { keys, message: `${season} is longer than the history of ${history}` };
    } else if (2 * periodMs > parseDuration(history)) {
      yield { keys, message: `${season} has to be seen twice, and the history is ${history}` };
    } else if (periodMs < 2 * order * resolutionMs) {
      // Nyquist: the fastest term repeats every period / order.
      yield {
        keys: [['prophet', ...key], ['resolution'], ['history'], ['step']],
        message: `Fourier order ${order} of period ${period} is too high for a resolution of ${resolution}`,
      };
    }
  }
}

/** Day types need each kind of day once. */
const DAY_TYPES_NEED = { weekend: '1w', saturday_sunday: '1w' } as const;
/** Prophet's own condition for a weekly season. */
const WEEKLY_NEEDS = '2w';

function* inDayTypes({ history, prophet }: EffectiveRule): Iterable<Contradiction> {
  const { day_types, daily_seasonality } = prophet;
  const key = ['prophet', 'day_types'];
  // `auto` has day types only where the history shows a reason for them.
  if (day_types === false || day_types === 'auto') return;
  if (daily_seasonality === false) {
    yield {
      keys: [key, ['prophet', 'daily_seasonality']],
      message: 'requires daily_seasonality: kinds of days differ in that',
    };
  }
  const needed = DAY_TYPES_NEED[day_types];
  if (parseDuration(history) < parseDuration(needed))
    yield { keys: [key, ['history']], message: `requires a history of ${needed}, got ${history}` };
}

function* inSpecialDays({ special_days, history, prophet }: EffectiveRule): Iterable<Contradiction> {
  for (const i of twins(special_days, ({ calendar }) => calendar)) {
    const message = `never holds because an earlier entry has calendar ${JSON.stringify(special_days[i]!.calendar)}`;
    yield { keys: [['special_days', i, 'calendar']], message };
  }
  const like = special_days.findIndex((days) => days.like !== undefined);
  if (like < 0) return;
  const key: Path = ['special_days', like, 'like'];
  if (prophet.weekly_seasonality === false) {
    yield {
      keys: [key, ['prophet', 'weekly_seasonality']],
      message: 'requires weekly_seasonality: without it every day of the week is expected to look the same',
    };
  } else if (parseDuration(history) < parseDuration(WEEKLY_NEEDS)) {
    yield { keys: [key, ['history']], message: `requires a history of ${WEEKLY_NEEDS}, got ${history}` };
  }
}

/** A share above which a percentage was meant: nobody waits for a value six times as high as expected. */
const MAX_SHARE = 5;

function* inAnomaly({ anomaly, bounds, history }: EffectiveRule): Iterable<Contradiction> {
  const { min_relative_deviation, min_deviation, accept_after } = anomaly;
  for (const [keys, share] of figuresOf('min_relative_deviation', min_relative_deviation)) {
    if (share > MAX_SHARE)
      yield { keys: [keys], message: `is a share of the forecast: ${share} is ${100 * share} percent` };
  }
  const range = (bounds.max ?? Number.POSITIVE_INFINITY) - (bounds.min ?? Number.NEGATIVE_INFINITY);
  for (const [keys, deviation] of figuresOf('min_deviation', min_deviation)) {
    if (deviation > range && range > 0)
      yield {
        keys: [keys, ['bounds']],
        message: `${deviation} is more than bounds leave room for: nothing would alarm`,
      };
  }
  const isOwn = accept_after !== SERIES_DEFAULTS.anomaly.accept_after;
  if (isOwn && parseDuration(accept_after) > parseDuration(history)) {
    yield {
      keys: [['anomaly', 'accept_after'], ['history']],
      message: `accept_after ${accept_after} is longer than the history of ${history}`,
    };
  }
}

/** The paths and figures of a key that has one for both sides, or one for each. */
function figuresOf(
  key: string,
  value: number | { readonly up?: number; readonly down?: number },
): [path: Path, figure: number][] {
  if (typeof value === 'number') return [[['anomaly', key], value]];
  return Object.entries(value).map(([side, figure]) => [['anomaly', key, side], figure]);
}

function* inBounds(rule: EffectiveRule): Iterable<Contradiction> {
  for (const key of ['bounds', 'limits'] as const) {
    const { min, max } = rule[key];
    if (!(numberOf(min) >= numberOf(max))) continue;
    yield {
      keys: [
        [key, 'min'],
        [key, 'max'],
      ],
      message: `min ${min} is not below max ${max}`,
    };
  }
  const { bounds, limits, prophet } = rule;
  for (const [side, isBeyond] of [
    ['min', numberOf(limits.min) < numberOf(bounds.min)],
    ['max', numberOf(limits.max) > numberOf(bounds.max)],
  ] as const) {
    if (!isBeyond) continue;
    yield {
      keys: [
        ['limits', side],
        ['bounds', side],
      ],
      message: `limits.${side} ${limits[side]} is beyond bounds.${side} ${bounds[side]}, which the metric cannot be: no value would alarm`,
    };
  }
  const saturates: readonly [key: 'cap' | 'floor', bound: 'max' | 'min', isBeyond: boolean][] = [
    ['cap', 'max', numberOf(prophet.cap) > numberOf(bounds.max)],
    ['floor', 'min', numberOf(prophet.floor) < numberOf(bounds.min)],
  ];
  for (const [key, bound, isBeyond] of saturates) {
    if (!isBeyond) continue;
    yield {
      keys: [
        ['bounds', bound],
        ['prophet', key],
      ],
      message: `prophet.${key} ${prophet[key]} is beyond bounds.${bound} ${bounds[bound]}: forecasts would never get there`,
    };
  }
}

function* inSeverity({ severity, anomaly }: EffectiveRule): Iterable<Contradiction> {
  if (severity !== 'page' || anomaly.publish_kind) return;
  yield {
    keys: [['severity'], ['anomaly', 'publish_kind']],
    message: 'page requires anomaly.publish_kind, because alerts that page look at the kind',
  };
}
