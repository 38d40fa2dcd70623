import { Gauge, type Registry } from 'prom-client';
import type { Incident } from '../../incidents/incident.js';
import { groupText } from '../../incidents/incident-text.js';
import type { IncidentTracker } from '../../incidents/incident-tracker.js';
import { counterFunc, gaugeFuncBy } from '../../lib/metrics/metrics.js';

/** Incidents of fewer series are a matter of the series. */
const MIN_SERIES = 5;
/** The largest open incidents alone are said one by one. */
const MAX_INCIDENTS = 20;

/** Counts of incidents for `/metrics`: of the largest open ones by what their series share, so that an alert is one an incident. */
export function registerIncidentMetrics(registry: Registry, tracker: IncidentTracker): void {
  gaugeFuncBy(
    registry,
    'sentio_incidents_open',
    'Incidents that are open, by whether one series is in alarm or several.',
    'series',
    () => {
      const single = tracker.open.filter(({ series }) => series === 1).length;
      return { one: single, several: tracker.open.length - single };
    },
  );
  counterFunc(
    registry,
    'sentio_incidents_opened_total',
    'Incidents that were opened, those of a single series too.',
    () => tracker.counts.opened,
  );
  counterFunc(
    registry,
    'sentio_incidents_merged_total',
    'Incidents that turned out to be part of another one.',
    () => tracker.counts.merged,
  );
  counterFunc(
    registry,
    'sentio_incident_alarms_dropped_total',
    'Alarms that are in no incident because there are too many members in open ones.',
    () => tracker.counts.dropped,
  );
  new Gauge({
    name: 'sentio_incident_series',
    help: `Series in alarm or missing in each of the ${MAX_INCIDENTS} largest open incidents of ${MIN_SERIES} series or more, by what they share, and the job if it is one.`,
    labelNames: ['shared', 'of_job'],
    registers: [registry],
    collect() {
      this.reset();
      for (const incident of largest(tracker.open)) {
        const job = incident.shared.find(({ name }) => name === 'job')?.value ?? '';
        this.inc({ shared: groupText(incident), of_job: job }, incident.series);
      }
    },
  });
}

function largest(open: readonly Incident[]): Incident[] {
  return open
    .filter(({ series }) => series >= MIN_SERIES)
    .sort((a, b) => b.series - a.series || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_INCIDENTS);
}
