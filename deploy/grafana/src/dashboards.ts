import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleetDashboard } from './fleet.js';
import { forecastDashboard } from './forecast.js';
import { futureDashboard } from './future.js';
import { itselfDashboard } from './itself.js';

/** Every dashboard by the name of its file in `deploy/grafana/dashboards`. */
export function dashboards(): Record<string, Dashboard> {
  const built = {
    'forecast.json': forecastDashboard(),
    'fleet.json': fleetDashboard(),
    'future.json': futureDashboard(),
    'itself.json': itselfDashboard(),
  };
  return Object.fromEntries(
    Object.entries(built).map(([file, builder]) => {
      const { panels = [], links = [], ...dashboard } = builder.build();
      return [
        file,
        {
          ...dashboard,
          // The builder puts links where newer versions of Grafana hide them behind a menu.
          links: links.map(({ placement: _, ...link }) => link),
          panels: panels.map((panel, place) => ({ ...panel, id: place + 1 })),
        },
      ];
    }),
  );
}

/** The text of a dashboard's file. */
export function fileText(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}
