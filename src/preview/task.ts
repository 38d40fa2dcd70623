import type { Anomaly } from '../backtest/measure/anomalies.js';
import type { Labels } from '../model/labels/labels.js';
import type { Samples } from '../model/samples/columns.js';
import type { Rule } from '../model/settings/settings.js';

/** A rule at the step at which it is replayed. */
export interface PreviewRule {
  readonly rule: Rule;
  readonly stepMs: number;
}

/** One series of the rings, to be replayed twice. */
export interface PreviewTask {
  readonly name: string;
  readonly labels: Labels;
  /** A value a bucket; of a counter its rate. */
  readonly samples: Samples;
  readonly before: PreviewRule;
  readonly after: PreviewRule;
  /** What comes before is history only. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What a replay found from `fromMs` on. */
export interface PreviewSide {
  readonly anomalies: readonly Anomaly[];
  /** How long there were forecasts and values, in ms. */
  readonly trackedMs: number;
}

export interface PreviewedSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly before: PreviewSide;
  readonly after: PreviewSide;
}
