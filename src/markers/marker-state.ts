import { type Labels, labelsJson, makeLabels } from '../model/labels/labels.js';
import type { MarkerEvent } from './marker-event.js';

const VERSION = 1;

/** A series that a marker names, as it is kept over a restart. */
interface SeriesState {
  readonly labels: Labels;
  /** Its last value, where its values are what is looked at. */
  readonly value?: string;
  readonly lastMs: number;
  readonly hasEnded: boolean;
}

/** All that is kept of markers over a restart. */
export interface MarkerState {
  /** Ascending in time. */
  readonly events: readonly MarkerEvent[];
  readonly series: readonly SeriesState[];
}

/** The state as text, a line each after the first, which has the version; `parseMarkers` reads it. */
export function* formatMarkers({ events, series }: MarkerState): Generator<string> {
  yield `${JSON.stringify({ version: VERSION })}\n`;
  for (const { labels, ...event } of events)
    yield `${JSON.stringify({ event: { ...event, labels: labelsJson(labels) } })}\n`;
  for (const { labels, ...one } of series)
    yield `${JSON.stringify({ series: { ...one, labels: labelsJson(labels) } })}\n`;
}

/** Reads what `formatMarkers` wrote. Throws `SyntaxError` for anything else, and for another version. */
export function parseMarkers(text: string): MarkerState {
  const [head, ...lines] = text.split('\n');
  const { version } = JSON.parse(head!) as { version?: unknown };
  if (version !== VERSION) throw new SyntaxError(`markers have version ${String(version)}, not ${VERSION}`);
  if (lines.pop() !== '') throw new SyntaxError('markers end in the middle of a line');
  const events: MarkerEvent[] = [];
  const series: SeriesState[] = [];
  for (const line of lines) {
    const read = JSON.parse(line) as { event?: Saved<MarkerEvent>; series?: Saved<SeriesState> };
    if (read.event !== undefined) events.push({ ...read.event, labels: makeLabels(read.event.labels) });
    else if (read.series !== undefined) series.push({ ...read.series, labels: makeLabels(read.series.labels) });
    else throw new SyntaxError('markers have a line that is neither an event nor a series');
  }
  return { events, series };
}

type Saved<T> = Omit<T, 'labels'> & { readonly labels: Record<string, string> };
