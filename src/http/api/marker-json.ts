import type { MarkerEvent } from '../../markers/marker-event.js';
import { changeText } from '../../markers/marker-text.js';
import { labelsJson } from '../../model/labels/labels.js';
import type { MarkerEventJson } from './json/markers.js';

export function markerEventJson(event: MarkerEvent): MarkerEventJson {
  return {
    marker: event.marker,
    metric: event.metric,
    time: event.timeMs / 1000,
    labels: labelsJson(event.labels),
    changes: event.changes.map(({ label = null, from, to }) => ({ label, from, to })),
    text: changeText(event),
  };
}
