import { ALARM_REASONS } from '#src/http/api/alarm-json.js';
import type { AlarmKind } from '#src/http/api/json/alarms.js';
import type { Alert, RuleFile } from './rule-file.js';
import { dashboardUrl, eachPublished, nameOf, PAGE_URL, QUANTITY, runbookUrl, seriesLinks } from './template.js';

/** What a series in alarm does, by kind: after its name, in the line that a person is paged with. */
const SUMMARIES: Readonly<Record<AlarmKind, string>> = {
  value: 'is far from what is expected',
  jump: 'changed abruptly',
  stuck: 'is stuck',
  drift: 'is drifting away from last week',
  missing: 'has not done what it usually does at this time',
  rate: 'has events more often than usual',
  limit: 'is beyond a limit',
};

const SUMMARY = `{{- $kind := "" -}}
${eachPublished('_anomaly_kind', '{{- $kind = .Labels.sentio_kind -}}')}
{{- $does := "is unusual" -}}
${byKind(SUMMARIES, (summary) => `{{- $does = "${summary}" -}}`)}
{{ $labels.sentio_metric }} of ${nameOf()} {{ $does }}`;

const DESCRIPTION = `{{- $kind := "" }}{{ $now := false }}{{ $expected := false }}{{ $lower := false }}{{ $upper := false -}}
${eachPublished(
  '(|_y|_yhat|_yhat_lower|_yhat_upper|_anomaly_kind)',
  `{{- $m := $labels.sentio_metric }}{{ $name := .Labels.__name__ -}}
    {{- if eq $name $m }}{{ $now = . }}{{ end -}}
    {{- if and (eq $name (print $m "_y")) (match "_(avg|p[0-9]+|rate)$" $m) }}{{ $now = . }}{{ end -}}
    {{- if eq $name (print $m "_yhat") }}{{ $expected = . }}{{ end -}}
    {{- if eq $name (print $m "_yhat_lower") }}{{ $lower = . }}{{ end -}}
    {{- if eq $name (print $m "_yhat_upper") }}{{ $upper = . }}{{ end -}}
    {{- if eq $name (print $m "_anomaly_kind") }}{{ $kind = .Labels.sentio_kind }}{{ end -}}`,
)}
${QUANTITY}
${byKind(ALARM_REASONS, (reason) => `${reason} `)}
Score {{ $value | humanize }} (over 1 is an alarm)
{{- with $now }}; now {{ template "quantity" . }}{{ end -}}
{{- with $expected }}, expected {{ template "quantity" . }}{{ end -}}
{{- with $lower }}, interval {{ template "quantity" . }}{{ end -}}
{{- with $upper }} to {{ template "quantity" . }}{{ end }}.`;

/** What `body` makes of the text of the kind in `$kind`. */
function byKind(texts: Readonly<Record<AlarmKind, string>>, body: (text: string) => string): string {
  return Object.entries(texts)
    .map(([kind, text]) => `{{- if eq $kind "${kind}" }}${body(text)}{{ end -}}`)
    .join('\n');
}

/** An alert on series in alarm, `how` they are joined with those whose alarms page. */
function ofSeries(alert: string, how: 'and' | 'unless', severity: string, comment: string): Alert {
  return {
    comment,
    alert,
    expr: `label_replace({__name__=~".+_anomaly_score", sentio_mute=""} > 1, "sentio_metric", "$1", "__name__", "(.+)_anomaly_score")
  ${how} ignoring (sentio_kind, sentio_severity)
label_replace({__name__=~".+_anomaly_kind", sentio_severity="page"}, "sentio_metric", "$1", "__name__", "(.+)_anomaly_kind")`,
    for: '90s',
    keep_firing_for: '10m',
    labels: { severity, category: 'anomaly' },
    annotations: {
      summary: SUMMARY,
      description: DESCRIPTION,
      ...seriesLinks(),
      runbook_url: runbookUrl(alert),
    },
  };
}

export const ANOMALIES: RuleFile = {
  comment: `A score over 1 is an alarm: rare enough for its own series to notify a person. The name of a metric is no
label of an alert; it is copied into one, which also keeps apart series of different metrics with the same labels.`,
  groups: [
    {
      name: 'sentio-anomalies',
      rules: [
        ofSeries(
          'SentioSeriesAnomalous',
          'unless',
          'warning',
          `A ticket: one series is seldom worth waking somebody. A series with the label sentio_mute has none.
A single odd step of a minute comes and goes before anybody could look; half a minute more, because it may come late.`,
        ),
        ofSeries(
          'SentioSeriesPage',
          'and',
          'critical',
          'The same for series whose alarms page: severity: page in their rule, or the label sentio_severity="page" of their source.',
        ),
        {
          comment: `A release, an outage, a node: one thing that many series feel. Sentio groups their alarms by what they share, and keeps an
incident open for a while after its last alarm. Alertmanager mutes the alerts of the series meanwhile.`,
          alert: 'SentioIncident',
          expr: 'label_replace(sum by (shared, of_job) (sentio_incident_series) >= 5, "job", "$1", "of_job", "(.+)")',
          for: '1m',
          keep_firing_for: '5m',
          labels: {
            severity: 'critical',
            category: 'anomaly',
            scope: '{{ if $labels.of_job }}job{{ else }}fleet{{ end }}',
          },
          annotations: {
            summary: '{{ $value | humanize }} series of {{ $labels.shared }} are in one incident',
            description:
              "{{ $value | humanize }} series of {{ $labels.shared }} are in alarm or missing at the same time. Sentio's page shows which, in the order in which they began, and where it may come from.",
            dashboard_url: dashboardUrl('sentio-fleet{{ with $labels.of_job }}?var-job={{ . | urlquery }}{{ end }}'),
            page_url: PAGE_URL,
            runbook_url: runbookUrl('SentioIncident'),
          },
        },
      ],
    },
  ],
};
