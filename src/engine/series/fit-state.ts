import { crc32 } from 'node:zlib';
import { type FittedModel, readModel } from '../../forecast/model/fitted-model.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import type { RecordReader, RecordWriter } from '../../series/snapshot/snapshot-record.js';
import type { TrackedSeries } from './tracked-series.js';

/** A model with what has to be known of how it was made. */
export interface NewFit {
  readonly model: FittedModel;
  readonly fit: TrackedSeries['fit'];
  /** Newest sample when the model was fitted, and the span of the history then, in ms. */
  readonly fittedUntilMs: number;
  readonly fittedSpanMs: number;
  readonly fittedWith: ProphetSettings;
}

export function acceptFit(
  series: TrackedSeries,
  { model, fit, fittedUntilMs, fittedSpanMs, fittedWith }: NewFit,
): void {
  series.modelBefore = series.excursion.lastedMs > 0 ? (series.modelBefore ?? series.model) : undefined;
  series.model = model;
  series.fit = fit;
  noteFitTried(series, fittedUntilMs, fittedSpanMs);
  series.fittedWith = fittedWith;
  series.fitFailures = 0;
  series.fitError = undefined;
}

/**
 * Notes that a history whose newest sample is at `untilMs` and that spans `spanMs` has been tried: the next fit waits for
 * more of it (see `wantsFit`), whatever came of this one.
 */
export function noteFitTried(series: TrackedSeries, untilMs: number, spanMs: number): void {
  series.fittedUntilMs = untilMs;
  series.fittedSpanMs = spanMs;
}

/** The model there is stays in use. */
export function countFitFailure(series: TrackedSeries, message: string): void {
  series.fitFailures++;
  series.fitError = message;
}

/** Has a series count as never fitted, so that it wants a fit at once; the model it has stays in use until then. */
export function requestRefit(series: TrackedSeries): void {
  noteFitTried(series, Number.NEGATIVE_INFINITY, 0);
}

/** For a series whose level has changed: its model moves there, or another one that was kept takes its place. */
export function replaceModel(series: TrackedSeries, model: FittedModel): void {
  series.model = model;
  series.modelBefore = undefined;
}

/** For a series whose model is of values that are gone. */
export function forgetFit(series: TrackedSeries): void {
  series.model = undefined;
  series.modelBefore = undefined;
  series.fit = undefined;
  series.fittedWith = undefined;
  requestRefit(series);
}

/** Writes the model and how it was made, without failures: a fit that failed is tried again after a restart. */
export function saveFit(
  { model, fit, fittedUntilMs, fittedSpanMs, fittedWith }: TrackedSeries,
  record: RecordWriter,
): void {
  record.u32(model === undefined || fit === undefined ? 0 : 1);
  if (model === undefined || fit === undefined) return;
  record.bytes(new Uint8Array(model.data.buffer, model.data.byteOffset, model.data.byteLength));
  record.text(fit.optimizer);
  record.f64(fit.points);
  record.f64(fit.resolutionMs);
  record.f64(fit.fittedAtMs);
  record.f64(fittedUntilMs);
  record.f64(fittedSpanMs);
  record.u32(fittedWith === undefined ? 0 : digest(fittedWith));
}

/** Reads what `saveFit` wrote. `prophet` are the present options, which the model may have been made with. */
export function restoreFit(series: TrackedSeries, record: RecordReader, prophet: ProphetSettings): void {
  if (record.u32() === 0) return;
  const model = readModel(record.bytes());
  const fit = {
    optimizer: record.text(),
    points: record.f64(),
    resolutionMs: record.f64(),
    fittedAtMs: record.f64(),
  };
  const fittedUntilMs = record.f64();
  const fittedSpanMs = record.f64();
  const optionsDigest = record.u32();
  // Made by a version with another layout: the series is fitted again.
  if (model === undefined) return;
  series.model = model;
  series.fit = fit;
  // Made with other options it is good until the refit, which is due at once.
  if (optionsDigest !== digest(prophet)) return;
  noteFitTried(series, fittedUntilMs, fittedSpanMs);
  series.fittedWith = prophet;
}

const digests = new WeakMap<ProphetSettings, number>();

/** Tells options from others: where two are taken for the same, a refit comes an interval late. */
function digest(prophet: ProphetSettings): number {
  const known = digests.get(prophet);
  if (known !== undefined) return known;
  const made = crc32(JSON.stringify(prophet));
  digests.set(prophet, made);
  return made;
}
