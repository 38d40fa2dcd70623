import type { Alert, RuleFile } from './rule-file.js';
import { dashboardUrl, eachPublished, nameOf, PAGE_URL, runbookUrl, seriesLinks } from './template.js';

const PEAK = 'SentioForecastPeakOverLimit';

/** A duration of so many seconds, to the minute. */
function toMinute(seconds: string): string {
  return `{{ humanizeDuration ${seconds} | reReplaceAll " [0-9]+s$" "" }}`;
}

/** An alert on the seconds until a limit of a rule is reached, where they are in a `range`. */
function beforeLimit(
  range: string,
  alert: Pick<Alert, 'comment' | 'alert' | 'for' | 'keep_firing_for'> & { severity: string },
): Alert {
  const { severity, ...rest } = alert;
  return {
    ...rest,
    expr: `label_replace(
  {__name__=~".+_time_to_limit_seconds", sentio_mute=""} ${range},
  "sentio_metric", "$1", "__name__", "(.+)_time_to_limit_seconds"
)`,
    labels: { severity, category: 'forecast' },
    annotations: {
      summary: `{{ $labels.sentio_metric }} of ${nameOf('mountpoint')} reaches its limit in ${toMinute('$value')}`,
      description: `{{- $earliest := false -}}
${eachPublished('_time_to_limit_earliest_seconds', '{{- $earliest = .Value -}}')}
If it goes on as it does, it is at the {{ $labels.limit }} of its rule in ${toMinute('$value')}
{{- with $earliest }}, at the earliest in ${toMinute('.')}{{ end }}.`,
      ...seriesLinks(['limit']),
      runbook_url: runbookUrl(alert.alert),
    },
  };
}

export const FORECASTS: RuleFile = {
  comment: 'What will be, before it is. The limits are examples: put your own metrics and limits here.',
  groups: [
    {
      name: 'sentio-forecasts',
      rules: [
        {
          comment: 'From the series that a rule with `horizons` publishes: `horizon` says how far ahead.',
          alert: 'SentioForecastOverLimit',
          expr: `label_replace(
  {__name__=~".*(mem|memory|disk|filesystem).*_percent_yhat", horizon!=""} > 90,
  "sentio_metric", "$1", "__name__", "(.+)_yhat"
)`,
          for: '5m',
          keep_firing_for: '15m',
          labels: { severity: 'warning', category: 'forecast' },
          annotations: {
            summary: `{{ $labels.sentio_metric }} of ${nameOf()} is expected over 90 in {{ $labels.horizon }}`,
            description: 'Expected {{ $value | humanize }} in {{ $labels.horizon }}; the limit is 90.',
            ...seriesLinks(['horizon']),
            runbook_url: runbookUrl('SentioForecastOverLimit'),
          },
        },
        beforeLimit('< 86400 >= 14400', {
          comment:
            'A limit of a rule that is reached within a day, if the series goes on as it does: there is time until the morning.',
          alert: 'SentioLimitWithinDay',
          for: '30m',
          keep_firing_for: '1h',
          severity: 'warning',
        }),
        beforeLimit('< 14400', {
          comment: 'The same within four hours.',
          alert: 'SentioLimitWithinHours',
          for: '15m',
          keep_firing_for: '30m',
          severity: 'critical',
        }),
      ],
    },
    {
      comment: `From the curve of the future, which Prometheus reads from Sentio: any time within the next six hours, with no horizons configured.
While Sentio does not answer, Prometheus takes the curve for empty: the rule stays healthy, with a warning, and an alert would
end although nothing is better. What fires then goes on until Sentio is back.`,
      name: 'sentio-future',
      rules: [
        {
          alert: PEAK,
          expr: `max_over_time(docker_container_mem_usage_percent_yhat{sentio="forecast"}[6h] offset -6h) > 90
  or ignoring (alertname, severity, category)
(
  label_replace(ALERTS{alertname="${PEAK}", alertstate="firing"}, "alertstate", "", "alertstate", ".*")
    unless on ()
  up{job="sentio"} == 1
)`,
          for: '5m',
          keep_firing_for: '15m',
          labels: { severity: 'warning', category: 'forecast' },
          annotations: {
            summary: 'Memory of {{ $labels.container_name }} is expected over 90 % within six hours',
            description: `{{ if gt $value 90.0 }}At its highest {{ $value | humanize }} % is expected in the next six hours; the limit is 90.
{{- else }}It was when Sentio last answered, and Sentio is down.{{ end }}`,
            dashboard_url: dashboardUrl(
              'sentio-forecast?var-metric=docker_container_mem_usage_percent&var-container_name={{ $labels.container_name | urlquery }}',
            ),
            page_url: `${PAGE_URL}?series={{ printf "docker_container_mem_usage_percent{container_name=%q}" $labels.container_name | urlquery }}`,
            runbook_url: runbookUrl(PEAK),
          },
        },
      ],
    },
  ],
};
