import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** A dashboard with what all of them have in common, of the last hours; `id` is what links call it. */
export function dashboard(title: string, id: string, description: string): DashboardBuilder {
  return new DashboardBuilder(`Sentio / ${title}`)
    .uid(`sentio-${id}`)
    .description(description)
    .tags(['sentio'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair);
}

export function linkTo(title: string, id: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).icon('dashboard').url(`/d/sentio-${id}`);
}
