import type { StepKind } from '../../detect/score/detector.js';
import type { Label } from '../../model/labels/labels.js';
import {
  ANOMALY_KIND,
  ANOMALY_SCORE,
  HORIZON_LABEL,
  KIND_LABEL,
  LIMIT_LABEL,
  OBSERVED,
  OBSERVED_RATE,
  RATE,
  TIME_TO_LIMIT,
  TIME_TO_LIMIT_EARLIEST,
  YHAT,
  YHAT_LOWER,
  YHAT_UPPER,
} from '../../model/settings/synthetic.js';
import type { LimitSide } from '../series/crossings-state.js';
import type { PublishedAs } from '../series/publish-state.js';

const LIMIT_LABELS: Readonly<Record<LimitSide, Label>> = {
  min: { name: LIMIT_LABEL, value: 'min' },
  max: { name: LIMIT_LABEL, value: 'max' },
};

/** One synthetic series: the suffix to the name of its source, and the label it has beside those of the source. */
export interface SyntheticSeries {
  readonly suffix: string;
  readonly extra: Label | undefined;
  /** Whether it is published under timestamps to come; the others have those of the evaluations. */
  readonly isAhead: boolean;
  /** Whether it has the severity of its rule as a label, where that is more than a ticket. */
  readonly hasSeverity: boolean;
}

/** [yhat, lower, upper] under the name of the quantity; `horizon` as in the rule, undefined for the present forecast. */
export function forecastSeries(
  quantity: string,
  horizon: string | undefined,
): readonly [SyntheticSeries, SyntheticSeries, SyntheticSeries] {
  const extra = horizon === undefined ? undefined : { name: HORIZON_LABEL, value: horizon };
  const rest = { extra, isAhead: horizon === undefined, hasSeverity: false };
  return [
    { suffix: quantity + YHAT, ...rest },
    { suffix: quantity + YHAT_LOWER, ...rest },
    { suffix: quantity + YHAT_UPPER, ...rest },
  ];
}

export function scoreSeries(quantity: string): SyntheticSeries {
  return { suffix: quantity + ANOMALY_SCORE, extra: undefined, isAhead: false, hasSeverity: false };
}

/** [by what is expected, by the nearer edge of the interval]: the time to a limit. */
export function limitSeries(quantity: string, side: LimitSide): readonly [SyntheticSeries, SyntheticSeries] {
  const rest = { extra: LIMIT_LABELS[side], isAhead: false, hasSeverity: false };
  return [
    { suffix: quantity + TIME_TO_LIMIT, ...rest },
    { suffix: quantity + TIME_TO_LIMIT_EARLIEST, ...rest },
  ];
}

/** Of what kind the present alarm is. */
export function kindSeries(quantity: string, kind: StepKind): SyntheticSeries {
  const extra = { name: KIND_LABEL, value: kind };
  return { suffix: quantity + ANOMALY_KIND, extra, isAhead: false, hasSeverity: true };
}

/**
 * The observed quantity; undefined where the source itself is it. `observedSuffix`: that of the store, which says what is
 * derived from a histogram; a rate is known by the name under which the series is published.
 */
export function observedSeries(quantity: string, observedSuffix: string): SyntheticSeries | undefined {
  const suffix = quantity === RATE ? OBSERVED_RATE : observedSuffix === OBSERVED ? OBSERVED : undefined;
  return suffix === undefined ? undefined : { suffix, extra: undefined, isAhead: false, hasSeverity: false };
}

/**
 * All synthetic series of one source: the publisher writes no other, and ends each of these. `kind`: that of its alarm,
 * undefined where none is published.
 */
export function publishedSeries(
  { quantity, horizons, limits }: PublishedAs,
  kind: StepKind | undefined,
  observedSuffix: string,
): readonly SyntheticSeries[] {
  const observed = observedSeries(quantity, observedSuffix);
  return [
    ...forecastSeries(quantity, undefined),
    ...horizons.flatMap(({ label }) => forecastSeries(quantity, label)),
    ...limits.flatMap((side) => limitSeries(quantity, side)),
    scoreSeries(quantity),
    ...(kind === undefined ? [] : [kindSeries(quantity, kind)]),
    ...(observed === undefined ? [] : [observed]),
  ];
}
