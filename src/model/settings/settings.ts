import type { Matcher } from '../labels/matcher.js';
import type { ExcludeSettings } from './excluded-times.js';
import type { HistogramSettings } from './histogram-quantities.js';
import type { SeriesReference } from './series-reference.js';
import type { SpecialDaysSettings } from './special-days.js';

/**
 * How the samples of one step become one value; `rate` is the per-second increase of a counter, reset-aware. Snapshots
 * number them by their place here: a new one goes to the end.
 */
export const AGGREGATES = ['mean', 'max', 'min', 'last', 'rate'] as const;

export type Aggregate = (typeof AGGREGATES)[number];

/** A seasonality beyond Prophet's built-in ones; `periodMs` > 0, `fourierOrder` ≥ 1. */
interface SeasonalitySettings {
  readonly name: string;
  readonly periodMs: number;
  readonly fourierOrder: number;
  readonly priorScale: number;
  readonly mode: 'additive' | 'multiplicative';
  /** On these days of the week alone, as bits from Sunday; absent for all of them. */
  readonly weekdays?: number;
  /** It goes by calendar months, and `periodMs` is that of a mean one. */
  readonly byMonth?: boolean;
}

/** `auto`: by the span of the history, as Prophet decides; a number: on, with this Fourier order. */
export type BuiltInSeasonality = 'auto' | boolean | number;

/** Kinds of days: `weekend` has two, weekdays and weekends; `saturday_sunday` has three. */
export const DAY_TYPES = ['auto', 'weekend', 'saturday_sunday'] as const;
export type DayTypes = (typeof DAY_TYPES)[number] | false;

/** Prophet's own options under their own names (facebook/prophet forecaster.py). */
export interface ProphetSettings {
  /** The zone whose clock the seasons go by, unless that is UTC: here too, because a model by another clock is fitted again. */
  readonly timezone?: string;
  /** Of its special days, and the times that it does not learn, for the same reason: what distinguishes these from others. */
  readonly specialDays?: number;
  readonly growth: 'linear' | 'flat' | 'logistic';
  readonly nChangepoints: number;
  readonly changepointRange: number;
  /** Instants of potential changepoints, ascending, instead of those that the two above place. */
  readonly changepointsMs?: readonly number[];
  readonly changepointPriorScale: number;
  readonly yearlySeasonality: BuiltInSeasonality;
  readonly weeklySeasonality: BuiltInSeasonality;
  readonly dailySeasonality: BuiltInSeasonality;
  readonly seasonalities: readonly SeasonalitySettings[];
  /** Kinds of days with a daily season, and a level, of their own; `auto`: weekends, where they forecast the last week better. */
  readonly dayTypes: DayTypes;
  readonly seasonalityMode: 'additive' | 'multiplicative';
  readonly seasonalityPriorScale: number;
  /** Of special days that are learnt: how they enter, and their prior scale unless they have one of their own. */
  readonly holidaysMode?: 'additive' | 'multiplicative';
  readonly holidaysPriorScale?: number;
  /** What the priors count in: the largest |value|, or the range of the values. `minmax` is for additive models, not for logistic growth. */
  readonly scaling: 'absmax' | 'minmax';
  /** Share of single steps that the interval is meant to hold, 0 < w < 1. */
  readonly intervalWidth: number;
  /** Saturation limits of logistic growth; `cap` is required there. */
  readonly cap?: number;
  readonly floor?: number;
  /** The same where another series has them; `cap` and `floor` are absent then, and a fit is handed what they are at the time. */
  readonly capFrom?: SeriesReference;
  readonly floorFrom?: SeriesReference;
  /** `exact` solves linear and flat growth in closed form; `stan` is the original; `auto` is exact where it can be. */
  readonly optimizer: 'auto' | 'exact' | 'stan';
  /** `limit`: values far off a first fit pull the final one no harder than others; `learn`: as Prophet, by their squares. */
  readonly outliers: 'limit' | 'learn';
}

/** One figure for deviations above what is expected, and one for those below. */
export interface BySide {
  readonly up: number;
  readonly down: number;
}

/** Which deviations may be alarms. Deviations are in the unit of the series; relative ones are shares of |yhat|. */
export interface AnomalySettings {
  readonly direction: 'both' | 'up' | 'down';
  readonly minDeviation: BySide;
  readonly minRelativeDeviation: BySide;
  /** How many false alarms a week are bearable, of one series: thresholds are learnt for one. */
  readonly falseAlarmsPerWeek: number;
}

/** What alarms of single series are: something to look at within working hours, or a reason to call somebody. */
export const SEVERITIES = ['ticket', 'page'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What the metric can be (`bounds`: forecasts and intervals are clamped to it) or should be (`limits`); either side may be open. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** What the metric should be, by numbers or by what another series says. */
export interface Limits {
  readonly min?: number | SeriesReference;
  readonly max?: number | SeriesReference;
}

/** Everything that is decided per series, all durations in milliseconds. Frozen. */
export interface SeriesSettings {
  /** IANA name of the time zone whose clock seasons, and all that is usual at a time of the day or the week, go by. */
  readonly timezone: string;
  /** Days that are not like others; where several hold, the first. */
  readonly specialDays: readonly SpecialDaysSettings[];
  /** Times at which there are no alarms, or nothing is learnt. */
  readonly exclude: readonly ExcludeSettings[];
  readonly stepMs: number;
  /** How far back the training history reaches. */
  readonly historyMs: number;
  /** Bucket width of the training history: a multiple of `stepMs`. */
  readonly resolutionMs: number;
  /** `auto`: `rate` for counters (by metadata type, else by name), otherwise `mean`. */
  readonly aggregate: Aggregate | 'auto';
  /** What is derived from native histograms; undefined for nothing. */
  readonly histogram?: HistogramSettings;
  /** How far ahead forecasts are served. */
  readonly horizonMs: number;
  /** Horizons published as series of their own: `m_yhat{horizon="1h"}`; `label` is the text in the label. */
  readonly horizons: readonly { readonly label: string; readonly ms: number }[];
  readonly refitIntervalMs: number;
  /** How long after the end of a step its last samples are waited for before it is scored and published. */
  readonly publishDelayMs: number;
  /** How far ahead of the clock the interval is published; at most 9 minutes, for targets refuse 10 (protocol: maxAheadTime). */
  readonly leadMs: number;
  readonly prophet: ProphetSettings;
  /** `calibrated`: stretched until it holds the share it is meant to; `prophet`: as Prophet makes it. */
  readonly interval: 'calibrated' | 'prophet';
  readonly bounds: Bounds;
  /** A value beyond is an alarm, whatever was learnt. */
  readonly limits: Limits;
  readonly anomaly: AnomalySettings;
  /** How long a series has to be off, at a level, until that is what is expected of it. */
  readonly acceptAfterMs: number;
  /** Whether `m_anomaly_kind` is published while a series is in alarm. */
  readonly publishesKind: boolean;
  /** `page` is published as a label beside the kind of an alarm and of what is missing, for alert rules to page for single series. */
  readonly severity: Severity;
  /** How long a series has to be silent, at least, until it is missing; Infinity for never. */
  readonly missingAfterMs: number;
}

/** An expression whose results are series, instead of what is pushed. */
export interface RuleQuery {
  /** PromQL, evaluated by the source. */
  readonly expression: string;
  /** Name of the source. */
  readonly source: string;
  /** How long before now it is evaluated, for data that come late. */
  readonly offsetMs: number;
  /** Added to every result. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One rule of the configuration: the series that any of `selectors` matches get `settings`. First match wins. */
export interface Rule {
  readonly name: string;
  readonly selectors: readonly (readonly Matcher[])[];
  /** Series of this rule tracked at one time; without it as many as there is room for. */
  readonly maxSeries?: number;
  /** Where its series come from, if they are not pushed; they have the name of the rule. */
  readonly query?: RuleQuery;
  readonly settings: SeriesSettings;
}
