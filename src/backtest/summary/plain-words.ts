import { weeklyRate } from '../measure/weekly-rate.js';
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
export function pagesInWords({ trackedMs, alarms, messages }: Totals): string {
  const { count, atNight, longestMs } = messages;
  const of = alarms === count ? '' : ` for ${alarms} alarms`;
  if (count === 0) return `Over ${lasting(trackedMs)} you would not have been paged${of}.`;
  const perWeek = weeklyRate(count, trackedMs);
  const rate = Number.isNaN(perWeek) ? 'too short to say a rate' : rateInWords(perWeek);
  const night = atNight === 0 ? 'never' : inTimes(atNight);
  return `Over ${lasting(trackedMs)} you would have been paged ${inTimes(count)}${of}: ${rate}, ${night} at night; the longest lasted ${lasting(longestMs)}.`;
}

/** `3.5 times a week`; of what is rarer than every other week how many weeks pass, because 0.0 would be never. */
function rateInWords(perWeek: number): string {
  return perWeek < 0.5 ? `about once in ${fixed(1 / perWeek, 0)} weeks` : `${fixed(perWeek, 1)} times a week`;
}

/** `3.5 a week`, or `2 in 4 d` of less than a week, which has no rate. */
export function alarmsInWords(alarms: number, trackedMs: number): string {
  const rate = weeklyRate(alarms, trackedMs);
  return Number.isNaN(rate)
    ? `${alarms} in ${lasting(trackedMs)}`
    : `${fixed(rate, rate > 0 && rate < 0.1 ? 2 : 1)} a week`;
}

/** `12.0 → 3.0 alarms a week`; of less than a week the alarms, and that this is no rate. */
export function changeInWords(before: number, after: number, trackedMs: number): string {
  const [rate, changed] = [weeklyRate(before, trackedMs), weeklyRate(after, trackedMs)];
  if (Number.isNaN(rate)) return `${before} → ${after} alarms, too short to say a weekly rate`;
  return `${fixed(rate, 1)} → ${fixed(changed, 1)} alarms a week`;
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

/** How many of the marked anomalies were found, and how soon, in words; nothing where nobody marked any. */
export function foundInWords({ precision, recall, f1, foundAfterMs: { median, worst } }: FoundTotals): string[] {
  if (Number.isNaN(recall)) return [];
  const share = `Of the anomalies that are marked ${wholePercent(recall)} were found, and ${wholePercent(precision)} of the alarms were about one (F1 ${fixed(f1, 2)}).`;
  if (Number.isNaN(median)) return [share];
  return [share, `They were found ${lasting(median)} after their begin in the median, ${lasting(worst)} at worst.`];
}

type FoundTotals = Pick<Totals, 'precision' | 'recall' | 'f1' | 'foundAfterMs'>;

function wholePercent(share: number): string {
  return Number.isFinite(share) ? `${fixed(100 * share, 0)} %` : 'none';
}
