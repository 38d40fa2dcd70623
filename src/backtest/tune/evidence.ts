import { totalsOfMeasures } from '../summary/totals.js';
import type { Part } from './trial.js';

/** A candidate against the settings as they are, on the same series and days. */
export interface Evidence {
  /** Mean logarithm of the ratio of daily losses: negative where the candidate is better; and twice its standard error. */
  readonly change: number;
  readonly noise: number;
  readonly mase: number;
  readonly coverage: number;
  readonly alarms: number;
  /** How long there were forecasts and samples, of the series that had most, in ms. */
  readonly trackedMs: number;
  /** F1 over marked anomalies; NaN where nobody marked any. */
  readonly f1: number;
}

/** Less is no reason to touch a setting. */
const MIN_GAIN = 0.01;
/** By how much F1 may fall, or must rise to count by itself: a marked anomaly or two, of the few there are. */
const F1_MARGIN = 0.05;

/** `parts` and `present` are those of the same series, in the same order. */
export function weigh(parts: readonly Part[], present: readonly Part[]): Evidence {
  const ratios = parts.flatMap(({ dailyLoss }, i) =>
    [...dailyLoss].flatMap(([day, loss]) => {
      const other = present[i]!.dailyLoss.get(day);
      return other === undefined ? [] : [Math.log(loss / other)];
    }),
  );
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / (ratios.length - 1);
  const { mase, coverage, alarms, trackedMs, f1 } = totalsOfMeasures(parts.map(({ measures }) => measures));
  return {
    change: mean,
    noise: 2 * Math.sqrt(variance / ratios.length),
    mase,
    coverage,
    alarms,
    trackedMs,
    f1,
  };
}

/** Whether forecasts became better beyond noise, and alarms not worse. */
export function isBetter(candidate: Evidence, present: Evidence): boolean {
  return candidate.change + candidate.noise < 0 && candidate.change < -MIN_GAIN && !callsMore(candidate, present);
}

/** Whether a longer step, whose losses are about other values, finds more of what was marked. */
export function findsMore(candidate: Evidence, present: Evidence): boolean {
  return candidate.f1 - present.f1 > F1_MARGIN && !callsMore(candidate, present);
}

/** More alarms than chance explains, if they come one by one, or fewer of them right. */
function callsMore(candidate: Evidence, present: Evidence): boolean {
  const isMoreOften = candidate.alarms - present.alarms > 2 * Math.sqrt(candidate.alarms + present.alarms);
  return isMoreOften || present.f1 - candidate.f1 > F1_MARGIN;
}
