import { isDeepStrictEqual } from 'node:util';
import type { FinalSeries, Outcome } from './simulation.js';
import { scrapeTimes } from './workload.js';

/** Float64 sums in another order. */
const STEP_TOLERANCE = 1e-9;
/** Differences from another base in Float32. */
const HISTORY_TOLERANCE = 1e-5;
/** Of the width of the interval. */
const MODEL_TOLERANCE = 0.01;

/** How rings and models differ from those of an undisturbed run, but for what Sentio's answers made the sender drop. */
export function differences(disturbed: Outcome, undisturbed: Outcome): string[] {
  const found: string[] = [];
  for (const [name, want] of undisturbed.series) {
    const have = disturbed.series.get(name);
    if (have === undefined) {
      found.push(`${name} is gone`);
      continue;
    }
    let isOfOtherData = false;
    // What a refused sample would have changed is in no buffer, and a database is asked only for gaps of more than two steps.
    const refused = (middleMs: number, widthMs: number) => {
      const isRefused = wasRefused(disturbed.refused, name, middleMs, widthMs);
      isOfOtherData ||= isRefused;
      return isRefused;
    };
    found.push(
      ...ringDifferences(have.steps, want.steps, STEP_TOLERANCE, (middleMs) => refused(middleMs, want.stepMs)).map(
        (difference) => `step of ${name} at ${difference}`,
      ),
      ...ringDifferences(have.history, want.history, HISTORY_TOLERANCE, (middleMs) =>
        refused(middleMs, want.resolutionMs),
      ).map((difference) => `history of ${name} at ${difference}`),
    );
    // Alarms at other times leave other steps out of the fit, and a bucket with fewer samples has another value in it.
    if (!isOfOtherData && isDeepStrictEqual(have.leftOut, want.leftOut))
      found.push(...modelDifferences(name, have, want));
  }
  return found;
}

function* ringDifferencesOf(
  have: ReadonlyMap<number, number>,
  want: ReadonlyMap<number, number>,
  tolerance: number,
  isExcused: (middleMs: number) => boolean,
) {
  const scale = Math.max(...[...want.values()].map(Math.abs));
  for (const middleMs of new Set([...want.keys(), ...have.keys()])) {
    const [a, b] = [have.get(middleMs), want.get(middleMs)];
    const isSame = a !== undefined && b !== undefined && Math.abs(a - b) <= tolerance * scale;
    if (!isSame && !isExcused(middleMs)) yield `${new Date(middleMs).toISOString()}: ${a} instead of ${b}`;
  }
}

function ringDifferences(...of: Parameters<typeof ringDifferencesOf>): string[] {
  const found = [...ringDifferencesOf(...of)];
  return found.length <= 3 ? found : [...found.slice(0, 3), `… and ${found.length - 3} more`];
}

function modelDifferences(name: string, { yhat }: FinalSeries, want: FinalSeries): string[] {
  const worst = Math.max(...yhat.map((value, i) => Math.abs(value - want.yhat[i]!)));
  const most = MODEL_TOLERANCE * want.width;
  return worst <= most ? [] : [`forecast of ${name}: off by ${worst}, with an interval of ${want.width}`];
}

/** Whether a sample of a slot was refused, or one of the step before, which a rate needs. */
function wasRefused(refused: ReadonlySet<string>, name: string, middleMs: number, widthMs: number): boolean {
  for (const timeMs of scrapeTimes(middleMs - 1.5 * widthMs, middleMs + widthMs / 2)) {
    if (refused.has(`${name} ${timeMs}`)) return true;
  }
  return false;
}
