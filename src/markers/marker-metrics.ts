import type { Registry } from 'prom-client';
import { counterFuncBy, gaugeFuncBy } from '../lib/metrics/metrics.js';
import type { MarkerStore } from './marker-store.js';

/** Defines `sentio_marker_series`, `sentio_marker_events_total` and `sentio_marker_dropped_total`. */
export function registerMarkerMetrics(registry: Registry, store: MarkerStore): void {
  gaugeFuncBy(
    registry,
    'sentio_marker_series',
    'Series whose changes mark events, by marker.',
    'marker',
    () => store.seriesByMarker,
  );
  counterFuncBy(
    registry,
    'sentio_marker_events_total',
    'Events that markers found, by marker.',
    'marker',
    () => store.eventsByMarker,
  );
  counterFuncBy(
    registry,
    'sentio_marker_dropped_total',
    'Events of what changes more than 12 times an hour, and series beyond 10,000, that markers left out, by reason.',
    'reason',
    () => store.dropped,
  );
}
