import { fixed, lasting, weekly } from './format-table.js';
import type { Totals } from './totals.js';

/** How good the forecasts were against "the same as yesterday", in words; undefined for less than a day of samples. */
export function errorInWords(mase: number): string | undefined {
  if (!Number.isFinite(mase)) return undefined;
  const percent = Math.round(100 * Math.abs(1 - mase));
  if (percent === 0) return 'The forecast error is that of “same as yesterday”';
  return `The forecast error is ${percent} % ${mase < 1 ? 'smaller' : 'larger'} than that of “same as yesterday”`;
}

/** How often somebody would have been paged, in words. */
export function pagesInWords({ trackedMs, alarms, messages }: Totals): string {
  const { count, atNight, longestMs } = messages;
  const of = alarms === count ? '' : ` for ${alarms} alarms`;
  if (count === 0) return `Over ${lasting(trackedMs)} you would not have been paged${of}.`;
  const perWeek = weekly(count, trackedMs);
  const rate = Number.isNaN(perWeek) ? 'too short to say a rate' : `${fixed(perWeek, 1)} times a week`;
  const night = atNight === 0 ? 'never' : inTimes(atNight);
  return `Over ${lasting(trackedMs)} you would have been paged ${inTimes(count)}${of}: ${rate}, ${night} at night; the longest lasted ${lasting(longestMs)}.`;
}

function inTimes(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** Whether the interval held what it was meant to hold, in words. */
export function coverageInWords({ nominal, coverage }: Totals): string {
  return `The interval was meant to hold ${percentOf(nominal)} of the samples and held ${percentOf(coverage)}.`;
}

function percentOf(share: number): string {
  return `${fixed(100 * share, 1)} %`;
}
