import type { SeriesSettings } from '../../model/settings/settings.js';

const HOUR_MS = 3_600_000;
/** Lead times that every series learns, in addition to the `horizons` of its rule. */
// How much of a deviation remains after half a day says nothing about a whole day, because the same things happen at
// the same time of day.
const ANCHORS_MS = [HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS];
/** Forecasts of a listed horizon that are kept until they are due, evenly spread. */
export const LISTED_PENDING = 36;
/** The same of another lead time. */
const PENDING = 6;
/** Forecasts for lead times that are not listed are kept no closer than this. */
const MIN_EVERY_MS = 5 * 60_000;

/** A lead time that is learnt. */
export interface Anchor {
  readonly leadMs: number;
  readonly leadSteps: number;
  /** Every how many steps a forecast is kept, and how many are kept at a time. */
  readonly everySteps: number;
  readonly pending: number;
}

/** The lead times that are learnt, ascending; the same object for the same settings. */
export interface CombinationLayout {
  readonly stepMs: number;
  readonly anchors: readonly Anchor[];
}

const layouts = new WeakMap<SeriesSettings, CombinationLayout>();

export function combinationLayout(settings: SeriesSettings): CombinationLayout {
  const known = layouts.get(settings);
  if (known !== undefined) return known;
  const { stepMs, horizonMs, horizons } = settings;
  const listed = new Set(horizons.map(({ ms }) => stepsAhead(ms, stepMs)));
  const leads = [1, ...ANCHORS_MS.filter((ms) => ms > stepMs && ms <= horizonMs).map((ms) => stepsAhead(ms, stepMs))];
  const anchors = [...new Set([...leads, ...listed])]
    .sort((a, b) => a - b)
    .map((leadSteps) => anchorAt(leadSteps, stepMs, listed.has(leadSteps)));
  const made = { stepMs, anchors };
  layouts.set(settings, made);
  return made;
}

function anchorAt(leadSteps: number, stepMs: number, isListed: boolean): Anchor {
  const leadMs = leadSteps * stepMs;
  const everyMs = isListed ? leadMs / LISTED_PENDING : Math.max(leadMs / PENDING, MIN_EVERY_MS);
  const everySteps = Math.ceil(everyMs / stepMs);
  return { leadMs, leadSteps, everySteps, pending: Math.ceil(leadSteps / everySteps) };
}

/** A lead time in whole steps. */
export function stepsAhead(leadMs: number, stepMs: number): number {
  return Math.max(1, Math.round(leadMs / stepMs));
}
