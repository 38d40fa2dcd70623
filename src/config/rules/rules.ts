import { instantOf, parseClockTime } from '../../calendar/clock-time.js';
import { timeZone } from '../../calendar/time-zone.js';
import { parseDuration } from '../../lib/durations.js';
import { parseSelector } from '../../model/labels/selector.js';
import type { BySide, Limits, Rule, SeriesSettings } from '../../model/settings/settings.js';
import { type CalendarSettings, DAY_CONDITIONS } from '../../model/settings/special-days.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import { parseFalseAlarms } from '../schema/false-alarms.js';
import { MONTH, parsePeriod } from '../schema/values.js';
import { calendarKey } from './calendar-events.js';
import { resolveSpecialDays, reviewSpecialDays } from './calendars.js';
import { findContradictions } from './contradictions.js';
import { resolveExclude, reviewExclude } from './exclude.js';
import { resolveFigure } from './figures.js';
import type { EffectiveRule } from './fill-rule.js';
import { selectsOnlyOwnOutput } from './own-output.js';

/** The calendars of a file, by name. */
type Calendars = ReadonlyMap<string, CalendarSettings>;

/** A rule as the rest of Sentio takes it; what is wrong with it is reported. `path` is its place in the file. */
export function resolveRule(rule: EffectiveRule, calendars: Calendars, path: Path, review: Review): Rule {
  reportContradictions(rule, calendars, path, review);
  const selectors = rule.match.map((text) => parseSelector(text));
  for (const [i, selector] of selectors.entries()) {
    if (!selectsOnlyOwnOutput(selector)) continue;
    review.report(
      [...path, 'match', i],
      `matches only series that Sentio publishes, got ${JSON.stringify(rule.match[i])}`,
    );
  }
  return {
    name: rule.name,
    selectors,
    ...(rule.max_series > 0 && { maxSeries: rule.max_series }),
    settings: resolveSettings(rule, calendars),
  };
}

export function reportContradictions(rule: EffectiveRule, calendars: Calendars, path: Path, review: Review): void {
  reviewSpecialDays(rule.special_days, calendars, path, review);
  reviewExclude(rule.exclude, calendars, path, review);
  for (const { keys, message } of findContradictions(rule)) {
    // In the rule, if it says one of them itself; else in `defaults`.
    const places = [...keys.map((key) => [...path, ...key]), ...keys.map((key) => ['defaults', ...key])];
    review.report(review.firstPresent(places), message);
  }
}

/** How series of a rule are treated, as the rest of Sentio takes it. */
export function resolveSettings(rule: EffectiveRule, calendars: Calendars): SeriesSettings {
  const { prophet, anomaly } = rule;
  const specialDays = resolveSpecialDays(rule.special_days, calendars);
  const exclude = resolveExclude(rule.exclude, calendars);
  const [cap, floor] = [prophet.cap, prophet.floor].map((figure) =>
    figure === undefined ? undefined : resolveFigure(figure),
  );
  return {
    timezone: rule.timezone,
    specialDays,
    exclude,
    stepMs: parseDuration(rule.step),
    historyMs: parseDuration(rule.history),
    resolutionMs: parseDuration(rule.resolution),
    aggregate: rule.aggregate,
    ...(rule.histogram !== undefined && { histogram: { quantiles: rule.histogram.quantiles ?? [] } }),
    horizonMs: parseDuration(rule.horizon),
    horizons: rule.horizons.map((label) => ({ label, ms: parseDuration(label) })),
    refitIntervalMs: parseDuration(rule.refit_interval),
    publishDelayMs: parseDuration(rule.publish_delay),
    leadMs: parseDuration(rule.lead),
    prophet: {
      ...(rule.timezone !== 'UTC' && { timezone: rule.timezone }),
      ...calendarKey(specialDays, exclude),
      growth: prophet.growth,
      nChangepoints: prophet.n_changepoints,
      changepointRange: prophet.changepoint_range,
      ...(prophet.changepoints !== undefined && {
        changepointsMs: prophet.changepoints
          .map((text) => instantOf(parseClockTime(text), timeZone(rule.timezone)))
          .sort((a, b) => a - b),
      }),
      changepointPriorScale: prophet.changepoint_prior_scale,
      yearlySeasonality: prophet.yearly_seasonality,
      weeklySeasonality: prophet.weekly_seasonality,
      dailySeasonality: prophet.daily_seasonality,
      seasonalities: prophet.seasonalities.map((season) => ({
        name: season.name,
        periodMs: parsePeriod(season.period),
        ...(season.period === MONTH && { byMonth: true }),
        fourierOrder: season.fourier_order,
        priorScale: season.prior_scale,
        mode: season.mode,
        ...(season.condition !== undefined && { weekdays: DAY_CONDITIONS[season.condition] }),
      })),
      dayTypes: prophet.day_types,
      seasonalityMode: prophet.seasonality_mode,
      seasonalityPriorScale: prophet.seasonality_prior_scale,
      // A change of them is no reason to fit models again that have no holidays.
      ...(specialDays.some(({ meaning }) => meaning.kind === 'learn') && {
        holidaysPriorScale: prophet.holidays_prior_scale,
        holidaysMode: prophet.holidays_mode ?? prophet.seasonality_mode,
      }),
      scaling: prophet.scaling,
      intervalWidth: prophet.interval_width,
      ...(cap !== undefined && (typeof cap === 'number' ? { cap } : { capFrom: cap })),
      ...(floor !== undefined && (typeof floor === 'number' ? { floor } : { floorFrom: floor })),
      optimizer: prophet.optimizer,
      outliers: prophet.outliers,
    },
    interval: rule.interval,
    bounds: rule.bounds,
    limits: resolveLimits(rule.limits),
    anomaly: {
      direction: anomaly.direction,
      minDeviation: bySide(anomaly.min_deviation),
      minRelativeDeviation: bySide(anomaly.min_relative_deviation),
      falseAlarmsPerWeek: parseFalseAlarms(anomaly.false_alarms),
    },
    publishesKind: anomaly.publish_kind,
    severity: rule.severity,
    acceptAfterMs: parseDuration(anomaly.accept_after),
    missingAfterMs: rule.missing_after === false ? Number.POSITIVE_INFINITY : parseDuration(rule.missing_after),
  };
}

function resolveLimits({ min, max }: EffectiveRule['limits']): Limits {
  return {
    ...(min !== undefined && { min: resolveFigure(min) }),
    ...(max !== undefined && { max: resolveFigure(max) }),
  };
}

/** A figure for each side, from one for both or one for each. */
function bySide(value: number | { readonly up?: number; readonly down?: number }): BySide {
  if (typeof value === 'number') return { up: value, down: value };
  return { up: value.up ?? 0, down: value.down ?? 0 };
}
