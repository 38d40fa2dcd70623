import type { SeriesReference } from './series-reference.js';
import type { Bounds, Limits, ProphetSettings, SeriesSettings } from './settings.js';

/** What a reference comes to; anything but a number where that is not known. */
type FigureOf = (reference: SeriesReference) => number | string | undefined;

/** Limits as numbers, without those that are not known. */
export function knownLimits(limits: Limits, figureOf: FigureOf): Bounds {
  // Fast path: most rules have numbers, or no limits.
  if (areNumbers(limits)) return limits;
  const known = (limit: Limits['min']) => {
    const figure = typeof limit === 'object' ? figureOf(limit) : limit;
    return typeof figure === 'number' ? figure : undefined;
  };
  const [min, max] = [known(limits.min), known(limits.max)];
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

function areNumbers(limits: Limits): limits is Bounds {
  return typeof limits.min !== 'object' && typeof limits.max !== 'object';
}

/** Options with `cap` and `floor` as numbers; with linear growth where one of them is not known. */
export function knownGrowth(prophet: ProphetSettings, figureOf: FigureOf): ProphetSettings {
  // Fast path: most rules have numbers, or none.
  if (prophet.capFrom === undefined && prophet.floorFrom === undefined) return prophet;
  const { capFrom, floorFrom, cap: _, floor: __, ...options } = prophet;
  const cap = capFrom === undefined ? prophet.cap : figureOf(capFrom);
  const floor = floorFrom === undefined ? prophet.floor : figureOf(floorFrom);
  const isFloorKnown = typeof floor === 'number' || (floorFrom === undefined && floor === undefined);
  if (typeof cap !== 'number' || !isFloorKnown) return { ...options, growth: 'linear' };
  return { ...options, cap, ...(typeof floor === 'number' && { floor }) };
}

/** Settings that name no other series any more. */
export function withKnownFigures(settings: SeriesSettings, figureOf: FigureOf): SeriesSettings {
  return {
    ...settings,
    limits: knownLimits(settings.limits, figureOf),
    prophet: knownGrowth(settings.prophet, figureOf),
  };
}
