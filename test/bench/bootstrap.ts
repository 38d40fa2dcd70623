import { Random } from '../ordinary-days/random.js';

/** Of one series, the fields of the scorer's JSON that the totals are made of; null where there is none. */
export interface ScoredSeries {
  readonly events?: number | null;
  readonly events_found?: number | null;
  readonly false_alarms?: number | null;
  readonly clean_days?: number | null;
  readonly vus_pr?: number | null;
  readonly auc_pr?: number | null;
  readonly coverage?: number | null;
}

const DRAWS = 1000;

/**
 * Standard deviations of the macro means over families, by drawing as many series of each family as it has, with
 * replacement, a thousand times. `families` are the series by family; of equal input it is the same every time.
 */
export function bootstrap(families: readonly (readonly ScoredSeries[])[]): Record<string, number> {
  const random = new Random(1);
  const drawn = Array.from({ length: DRAWS }, () =>
    macro(families.map((series) => series.map(() => random.pick(series)))),
  );
  return Object.fromEntries(
    Object.keys(macro(families)).map((field) => [field, deviation(drawn.map((each) => each[field]!))]),
  );
}

/** As score.mjs makes them: events are counted over a family, the others are means of its series. */
function macro(families: readonly (readonly ScoredSeries[])[]): Record<string, number> {
  const each = families.map((series) => {
    const sum = (field: keyof ScoredSeries) => series.reduce((total, one) => total + (one[field] ?? 0), 0);
    const found = sum('events_found');
    const falseAlarms = sum('false_alarms');
    const recall = found / sum('events');
    const precision = found === 0 ? 0 : found / (found + falseAlarms);
    return {
      event_f1: found === 0 && sum('events') > 0 ? 0 : (2 * precision * recall) / (precision + recall),
      false_alarms_per_day: falseAlarms / sum('clean_days'),
      vus_pr: mean(series.map(({ vus_pr }) => vus_pr ?? Number.NaN)),
      auc_pr: mean(series.map(({ auc_pr }) => auc_pr ?? Number.NaN)),
      coverage: mean(series.map(({ coverage }) => coverage ?? Number.NaN)),
    };
  });
  const over = (field: keyof (typeof each)[number]) => mean(each.map((family) => family[field]));
  return {
    event_f1: over('event_f1'),
    false_alarms_per_day: over('false_alarms_per_day'),
    vus_pr: over('vus_pr'),
    auc_pr: over('auc_pr'),
    coverage: over('coverage'),
  };
}

/** Of those that are numbers. */
function mean(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
