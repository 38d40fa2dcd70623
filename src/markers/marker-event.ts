import { type Labels, METRIC_NAME } from '../model/labels/labels.js';

/** What changed: a label, or, without `label`, the value. `''` is a label that is not there. */
export interface MarkerChange {
  readonly label?: string;
  readonly from: string;
  readonly to: string;
}

/** Something that happened from outside, such as a deployment. */
export interface MarkerEvent {
  /** The name of its marker. */
  readonly marker: string;
  readonly metric: string;
  /** Time of the first sample that shows it: it happened up to a scrape interval before. */
  readonly timeMs: number;
  /** What it happened to; without a metric name. */
  readonly labels: Labels;
  /** At least one. */
  readonly changes: readonly MarkerChange[];
}

/**
 * Whether an event may concern a series: all labels that both have are equal, and there is at least one. An event
 * without labels concerns every series.
 */
export function concerns(event: Pick<MarkerEvent, 'labels'>, labels: Labels): boolean {
  let common = 0;
  for (const { name, value } of event.labels) {
    const own = name === METRIC_NAME ? undefined : labels.find((label) => label.name === name);
    if (own === undefined) continue;
    if (own.value !== value) return false;
    common++;
  }
  return common > 0 || event.labels.length === 0;
}
