import { formatDuration } from '../lib/durations.js';
import { formatLabels } from '../model/labels/labels.js';
import type { MarkerEvent } from './marker-event.js';

/** A value that is a time says nothing to people. */
const TIME = /_(time|timestamp)_seconds$/;

/** What changed, as in `build_info{version} changed from 1.2 to 1.3`. */
export function changeText({ metric, changes }: MarkerEvent): string {
  const labels = changes.flatMap(({ label }) => label ?? []);
  const what = labels.length === 0 ? metric : `${metric}{${labels.join(', ')}}`;
  if (labels.length === 0 && TIME.test(metric)) return `${what} changed`;
  const all = (values: readonly string[]) => values.map((value) => (value === '' ? '""' : value)).join(', ');
  return `${what} changed from ${all(changes.map(({ from }) => from))} to ${all(changes.map(({ to }) => to))}`;
}

/** The same with the name of the marker and what it happened to: `deploy of {job="checkout"}: build_info{version} changed …`. */
export function eventText(event: MarkerEvent): string {
  const of = event.labels.length === 0 ? '' : ` of ${formatLabels(event.labels)}`;
  return `${event.marker}${of}: ${changeText(event)}`;
}

const EXACT_MS = 10 * 60_000;

/** A span of time in seconds, and from ten minutes on in minutes. */
function spanText(ms: number): string {
  const unitMs = ms < EXACT_MS ? 1000 : 60_000;
  return formatDuration(Math.round(ms / unitMs) * unitMs);
}

/** How long before something else it was seen. */
export function leadText(leadMs: number): string {
  return leadMs < 1000 ? 'at the same time' : `${spanText(leadMs)} before`;
}

/** Where a time is, seen from an event: `2m after build_info{version} changed from 1.2 to 1.3`. */
export function afterText(event: MarkerEvent, timeMs: number): string {
  const sinceMs = timeMs - event.timeMs;
  const where = Math.abs(sinceMs) < 1000 ? 'as' : `${spanText(Math.abs(sinceMs))} ${sinceMs > 0 ? 'after' : 'before'}`;
  return `${where} ${changeText(event)} (${event.marker})`;
}
