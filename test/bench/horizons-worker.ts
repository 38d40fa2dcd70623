import { readCsv } from '#src/backtest/input/csv.js';
import { type RecordedSeries, samplingIntervalMs } from '#src/backtest/input/recorded-series.js';
import { LeadErrors, type LeadMeasures } from '#src/backtest/measure/lead-errors.js';
import { replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { makeLabels } from '#src/model/labels/labels.js';
import type { SeriesSettings } from '#src/model/settings/settings.js';
import { CachedFits } from './cached-fits.js';

const STEP_MS = 600_000;

/** What one series adds to the table, by lead time; errors and scores over the error of "as a day ago". */
export interface Horizons {
  readonly name: string;
  readonly leads: Record<string, { mase: number; linear: number; coverage: number; intervalScore: number }>;
}

/** Undefined for a series with steps longer than those that are measured. */
export default function horizonsOf(task: {
  readonly path: string;
  readonly name: string;
  readonly settings: SeriesSettings;
  /** Forecasts that are due before it do not count. */
  readonly fromMs: number;
  /** Instead: everything before that is history, and what is due within two days from then counts, so many days after it. */
  readonly coldDays?: number;
}): Horizons | undefined {
  const { path, name, coldDays } = task;
  const fromMs = task.fromMs + (coldDays ?? 0) * 86_400_000;
  const historyUntilMs = coldDays === undefined ? Number.NEGATIVE_INFINITY : fromMs;
  const untilMs = coldDays === undefined ? Number.POSITIVE_INFINITY : fromMs + 2 * 86_400_000;
  const recorded = readCsv(path);
  if (samplingIntervalMs(recorded.samples.timesMs) > STEP_MS) return undefined;
  const { timesMs, values, marked } = meansOf(recorded);
  const settings = settingsAtStep(task.settings, STEP_MS);
  const fits = new CachedFits(`${name}-10m`);
  const errors = new LeadErrors(STEP_MS, { fromMs });
  const labels = makeLabels({ __name__: name });
  const rule = { name, selectors: [], settings };
  const counted = timesMs.findIndex((timeMs) => timeMs >= untilMs);
  const samples =
    counted < 0 ? { timesMs, values } : { timesMs: timesMs.subarray(0, counted), values: values.subarray(0, counted) };
  replay(samples, labels, rule, { fit: fits.fit, historyUntilMs, onStep: errors.observe });
  fits.save();
  const leads: Horizons['leads'] = {};
  for (const measures of errors.measures({
    intervalWidth: settings.prophet.intervalWidth,
    isMarked: (step) => marked.has(step),
  })) {
    const { dayAgoError, error, linearError, coverage, intervalScore } = measures;
    leads[nameOf(measures)] = {
      mase: error / dayAgoError,
      linear: linearError / dayAgoError,
      coverage,
      intervalScore: intervalScore / dayAgoError,
    };
  }
  return { name, leads };
}

function nameOf({ leadMs }: LeadMeasures): string {
  if (Number.isNaN(leadMs)) return 'path';
  return leadMs < 3_600_000 ? `${leadMs / 60_000}m` : `${leadMs / 3_600_000}h`;
}

/** Means of the steps, and the numbers of those in which somebody marked something. */
function meansOf({ samples, labels }: RecordedSeries) {
  const sums = new Map<number, { sum: number; count: number; isMarked: boolean }>();
  for (let i = 0; i < samples.timesMs.length; i++) {
    const value = samples.values[i]!;
    if (Number.isNaN(value)) continue;
    const step = Math.floor(samples.timesMs[i]! / STEP_MS);
    const { sum, count, isMarked } = sums.get(step) ?? { sum: 0, count: 0, isMarked: false };
    sums.set(step, { sum: sum + value, count: count + 1, isMarked: isMarked || labels?.[i] === 1 });
  }
  const means = [...sums].map(([step, { sum, count, isMarked }]) => ({ step, value: sum / count, isMarked }));
  return {
    timesMs: Float64Array.from(means, ({ step }) => (step + 0.5) * STEP_MS),
    values: Float64Array.from(means, ({ value }) => value),
    marked: new Set(means.filter(({ isMarked }) => isMarked).map(({ step }) => step)),
  };
}
