import type { Labels } from '../../model/labels/labels.js';
import type { Unit } from '../../model/samples/unit.js';
import type { Rule } from '../../model/settings/settings.js';
import type { RecordedSeries } from '../input/recorded-series.js';
import type { Anomaly } from '../measure/anomalies.js';
import type { LeadMeasures } from '../measure/lead-errors.js';
import type { Measures } from '../measure/measures.js';
import type { FigureSeries } from './figures.js';

/** One series to replay, as it is handed to a worker. */
export interface BacktestTask {
  /** What the series is called in tables. */
  readonly name: string;
  readonly labels: Labels;
  /** The path of a CSV file, or what was fetched already. */
  readonly recording: string | RecordedSeries;
  readonly rule: Rule;
  /** The series to which the rule refers. */
  readonly figures?: readonly FigureSeries[];
  /** Resolution of the scores; the recording's own sampling interval if not given. */
  readonly stepMs: number | undefined;
  /** How long before its time a forecast is taken; as published for the coming step if not given. */
  readonly horizonMs: number | undefined;
  /** What comes before is history only, and what comes from `untilMs` on is left out. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** File for the predictions, and whether a picture is wanted, too. */
  readonly predictions: string | undefined;
  readonly picture: boolean;
}

/** What came of a task. */
export interface SeriesResult {
  readonly name: string;
  readonly labels: Labels;
  readonly rule: string;
  /** The zone whose clock the rule goes by. */
  readonly timezone: string;
  /** Of its values, and of the rate of a counter. */
  readonly unit: Unit;
  readonly stepMs: number;
  readonly intervalWidth: number;
  readonly measures: Measures;
  /** Of the forecasts ahead, by lead time. */
  readonly leads: readonly LeadMeasures[];
  readonly anomalies: readonly Anomaly[];
  /** HTML, if it was wanted. */
  readonly picture: string | undefined;
}
