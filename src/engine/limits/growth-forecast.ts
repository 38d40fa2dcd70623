import { Growth } from '../../detect/growth/growth.js';
import type { Forecast } from '../../model/samples/columns.js';
import type { ClosedBuckets } from './closed-buckets.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far apart the times are, in whole buckets: near enough where an hour more or less matters, then for the peaks of a day. */
const NEAR_SPACING_MS = HOUR_MS / 4;
const FAR_SPACING_MS = HOUR_MS;

/**
 * What becomes of a series if it goes on growing as it did at these times of the days before, at ascending times up to `horizonMs` after
 * the step that was scored last: from its history alone. The model's trend is that of weeks, and its smooth seasons know no edge
 * as sharp as that of a cleanup. Empty where there is no history.
 *
 * Forecasts up to a day ahead do better with the level of now, because a slope is mostly an accident of the fit; they cannot
 * say when a disk is full.
 */
export function growthOn(
  { values, newestMs, widthMs }: ClosedBuckets,
  { intervalWidth, scoredUntilMs, horizonMs }: { intervalWidth: number; scoredUntilMs: number; horizonMs: number },
): Forecast {
  const times = values.length === 0 ? [] : [...aheads(widthMs, scoredUntilMs - newestMs, horizonMs)];
  const timesMs = Float64Array.from(times, (ahead) => newestMs + ahead * widthMs);
  const columns = { yhat: new Float64Array(times.length), yhatLower: timesMs.slice(), yhatUpper: timesMs.slice() };
  const tail = (1 - intervalWidth) / 2;
  const growth = new Growth({ values, perDay: Math.max(1, Math.round(DAY_MS / widthMs)) }, tail);
  const interval = new Float64Array(3);
  for (const [i, ahead] of times.entries()) {
    growth.at(ahead, interval);
    [columns.yhat[i], columns.yhatLower[i], columns.yhatUpper[i]] = interval as unknown as [number, number, number];
  }
  return { timesMs, ...columns };
}

/** How many buckets after the newest one the times are: from `fromMs` after it to `horizonMs` later. */
function* aheads(widthMs: number, fromMs: number, horizonMs: number): Generator<number> {
  const [near, far] = [NEAR_SPACING_MS, FAR_SPACING_MS].map((spacingMs) =>
    Math.max(1, Math.round(spacingMs / widthMs)),
  );
  let ahead = Math.floor(fromMs / widthMs) + 1;
  while (ahead * widthMs <= fromMs + horizonMs) {
    yield ahead;
    ahead += ahead * widthMs < fromMs + DAY_MS ? near! : far!;
  }
}
