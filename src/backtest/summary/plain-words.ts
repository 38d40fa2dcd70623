import { fixed, lasting } from './format-table.js';
import type { Totals } from './totals.js';

/** How good the forecasts were against "the same as yesterday", in words; undefined for less than a day of samples. */
export function errorInWords(mase: number): string | undefined {
  if (!Number.isFinite(mase)) return undefined;
  const percent = Math.round(100 * Math.abs(1 - mase));
  if (percent === 0) return 'The forecast error is that of “same as yesterday”';
  return `The forecast error is ${percent} % ${mase < 1 ? 'smaller' : 'larger'} than that of “same as yesterday”`;
}

/** How often somebody would have been paged, in words. */
export function pagesInWords({ trackedMs, alarms, alarmsPerWeek }: Totals): string {
  if (alarms === 0) return `Over ${lasting(trackedMs)} you would not have been paged.`;
  const times = alarms === 1 ? 'once' : `${alarms} times`;
  return `Over ${lasting(trackedMs)} you would have been paged ${times}, ${fixed(alarmsPerWeek, 1)} times a week.`;
}

/** Whether the interval held what it was meant to hold, in words. */
export function coverageInWords({ nominal, coverage }: Totals): string {
  return `The interval was meant to hold ${percentOf(nominal)} of the samples and held ${percentOf(coverage)}.`;
}

function percentOf(share: number): string {
  return `${fixed(100 * share, 1)} %`;
}
