import { STEP_KINDS, type StepKind } from '../../detect/score/detector.js';
import { SEVERITIES, type SeriesSettings, type Severity } from '../../model/settings/settings.js';
import type { RecordReader, RecordWriter } from '../../series/snapshot/snapshot-record.js';
import { LIMIT_SIDES, type LimitSide } from './crossings-state.js';
import type { TrackedSeries } from './tracked-series.js';

/** The names under which a series is published. */
export interface PublishedAs {
  /** What is between the name of the source and the suffixes. */
  readonly quantity: string;
  readonly horizons: SeriesSettings['horizons'];
  /** Which kinds of alarms have as a label. */
  readonly severity: Severity;
  /** The limits to which the time is published. */
  readonly limits: readonly LimitSide[];
}

/** Returns the names under which a series is published, which stay as they were until it ends. */
export function beginPublishing(series: TrackedSeries, names: PublishedAs): PublishedAs {
  series.published ??= names;
  return series.published;
}

export function noteScorePublished(series: TrackedSeries, evaluationMs: number): void {
  series.lastScoreMs = evaluationMs;
}

/** Notes of what kind the alarm is that is published from now on; undefined where none is. */
export function noteKindPublished(series: TrackedSeries, kind: StepKind | undefined): void {
  series.publishedKind = kind;
}

export function noteForecastPublished(series: TrackedSeries, forecastMs: number): void {
  series.lastForecastMs = forecastMs;
}

/** Notes up to where the curve of the future was written under the names of a quantity. */
export function noteFuturePublished(series: TrackedSeries, quantity: string, untilMs: number): void {
  series.futureUntilMs = { ...series.futureUntilMs, [quantity]: untilMs };
}

/** Notes that everything published of a series was ended by stale markers: scores and the like, and forecasts. */
export function noteEnded(series: TrackedSeries, scoreMs: number, forecastMs: number): void {
  series.lastScoreMs = scoreMs;
  series.lastForecastMs = forecastMs;
  series.published = undefined;
  series.publishedKind = undefined;
}

/** Notes that another Sentio publishes the series: nothing is left here that stale markers would have to end. */
export function leavePublishing(series: TrackedSeries): void {
  // It writes on where this one left off.
  series.futureUntilMs = {};
  series.published = undefined;
  series.publishedKind = undefined;
}

/** Notes what a process before this one may have published: everything up to these timestamps. */
export function noteFormerProcess(series: TrackedSeries, scoreMs: number, forecastMs: number): void {
  series.lastScoreMs = Math.max(series.lastScoreMs, scoreMs);
  series.lastForecastMs = Math.max(series.lastForecastMs, forecastMs);
}

/** For a new series under the labels of another one: no timestamp is published twice. */
export function inheritPublished(series: TrackedSeries, before: TrackedSeries): void {
  series.lastForecastMs = before.lastForecastMs;
  series.lastScoreMs = before.lastScoreMs;
  series.futureUntilMs = before.futureUntilMs;
}

export function savePublished(series: TrackedSeries, record: RecordWriter): void {
  const { lastForecastMs, lastScoreMs, published, publishedKind } = series;
  record.f64(lastForecastMs);
  record.f64(lastScoreMs);
  const futures = Object.entries(series.futureUntilMs);
  record.u32(futures.length);
  for (const [quantity, untilMs] of futures) {
    record.text(quantity);
    record.f64(untilMs);
  }
  record.u32(published === undefined ? 0 : 1);
  if (published === undefined) return;
  record.text(published.quantity);
  record.u32(published.horizons.length);
  for (const { label, ms } of published.horizons) {
    record.text(label);
    record.f64(ms);
  }
  record.text(published.severity);
  record.text(published.limits.join(' '));
  record.text(publishedKind ?? '');
}

/** Reads what `savePublished` wrote. */
export function restorePublished(series: TrackedSeries, record: RecordReader): void {
  series.lastForecastMs = record.f64();
  series.lastScoreMs = record.f64();
  const futures = Array.from({ length: record.u32() }, () => [record.text(), record.f64()] as const);
  if (futures.length > 0) series.futureUntilMs = Object.fromEntries(futures);
  if (record.u32() === 0) return;
  const quantity = record.text();
  const horizons = Array.from({ length: record.u32() }, () => ({ label: record.text(), ms: record.f64() }));
  const severityText = record.text();
  const severity = SEVERITIES.find((known) => known === severityText) ?? 'ticket';
  const limitsText = record.text();
  const limits = LIMIT_SIDES.filter((side) => limitsText.split(' ').includes(side));
  series.published = { quantity, horizons, severity, limits };
  const kind = record.text();
  series.publishedKind = STEP_KINDS.find((known) => known === kind);
}
