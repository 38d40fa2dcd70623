import type { SeriesJson } from '../../http/api/json/series.js';
import { localDayTime } from './times.js';

/** When a series reaches the limits of its rule, a sentence for each that is within the horizon. */
export function limitTexts({ reaches_limit: limits = {} }: Pick<SeriesJson, 'reaches_limit'>): string[] {
  return (['max', 'min'] as const).flatMap((side) => {
    const { expected = null, earliest = null } = limits[side] ?? {};
    if (expected === null) return earliest === null ? [] : [`It may reach the ${side} of its rule ${at(earliest)}.`];
    const sooner = earliest === null || earliest === expected ? '' : `, ${at(earliest)} at the earliest`;
    return [`If it goes on as it does, it reaches the ${side} of its rule ${at(expected)}${sooner}.`];
  });
}

/** To the minute: it is an estimate. */
function at(seconds: number): string {
  return `at ${localDayTime(seconds).slice(0, -3)}`;
}
