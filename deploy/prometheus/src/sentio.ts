import type { Alert, RuleFile } from './rule-file.js';
import { dashboardUrl, runbookUrl } from './template.js';

/** An alert about Sentio; `isDrawn`: the dashboard _Sentio itself_ shows what it is about. */
function health(
  severity: 'critical' | 'warning',
  {
    summary,
    description,
    isDrawn,
    ...rest
  }: Omit<Alert, 'labels' | 'annotations'> & { summary: string; description: string; isDrawn?: boolean },
): Alert {
  return {
    ...rest,
    labels: { severity, category: 'sentio' },
    annotations: {
      summary,
      description,
      ...(isDrawn === true && { dashboard_url: dashboardUrl('sentio-itself') }),
      runbook_url: runbookUrl(rest.alert),
    },
  };
}

export const SENTIO: RuleFile = {
  comment:
    "Sentio's own health. Every expression is by instance, so that of several shards the one in trouble is named.",
  groups: [
    {
      name: 'sentio-itself',
      rules: [
        health('critical', {
          alert: 'SentioDown',
          expr: 'up{job="sentio"} == 0 or absent(up{job="sentio"})',
          for: '2m',
          summary: 'Sentio{{ with $labels.instance }} {{ . }}{{ end }} is down',
          description: 'Nothing is forecast and no anomaly is found while it is.',
        }),
        health('critical', {
          alert: 'SentioNotReceiving',
          expr: 'sum by (instance, job) (rate(sentio_receiver_samples_total{outcome="stored"}[5m])) == 0',
          for: '5m',
          summary: 'Sentio {{ $labels.instance }} receives no samples that it watches',
          description: 'Either Prometheus does not send, or no rule matches what it sends.',
        }),
        health('warning', {
          alert: 'SentioSeriesLimitReached',
          expr: 'sum by (instance, job) (increase(sentio_series_untracked_total{reason=~"(series|memory|rule|new_series)_limit"}[10m])) > 0',
          keep_firing_for: '10m',
          summary: 'Sentio {{ $labels.instance }} turns series away',
          description:
            'It tracks as many as `receiver.max_series` allows and its memory has room for; series beyond have no forecast.',
        }),
        health('warning', {
          alert: 'SentioRefitsLate',
          expr: 'sentio_refit_lag_seconds > 900',
          for: '15m',
          summary: 'Sentio {{ $labels.instance }} does not keep up with its refits',
          description: 'The most overdue refit has waited for {{ $value | humanizeDuration }}.',
          isDrawn: true,
        }),
        health('warning', {
          alert: 'SentioFitsFailing',
          expr: `sum by (instance, job) (rate(sentio_fits_total{outcome!~"exact|stan|too-short"}[30m]))
  / sum by (instance, job) (rate(sentio_fits_total[30m]))
  > 0.05`,
          for: '15m',
          summary: '{{ $value | humanizePercentage }} of the fits of Sentio {{ $labels.instance }} fail',
          description: 'These series go on with the model they have, or with none. The log names them and the reason.',
          isDrawn: true,
        }),
        health('critical', {
          alert: 'SentioPublishFailing',
          expr: 'sum by (instance, job, target) (rate(sentio_remote_write_samples_total{outcome!="sent"}[5m])) > 0',
          for: '5m',
          keep_firing_for: '5m',
          summary: 'Sentio {{ $labels.instance }} loses forecasts on the way to {{ $labels.target }}',
          description: '{{ $value | humanize }} samples a second are lost; the log and the label `outcome` say why.',
          isDrawn: true,
        }),
        health('critical', {
          alert: 'SentioPublishBehind',
          expr: `sentio_remote_write_queue_samples > 0
  unless time() - sentio_remote_write_highest_sent_timestamp_seconds <= 300`,
          for: '5m',
          summary: 'Forecasts of Sentio {{ $labels.instance }} reach {{ $labels.target }} late',
          description: 'It has taken nothing for five minutes, and {{ $value | humanize }} samples wait.',
          isDrawn: true,
        }),
        health('warning', {
          alert: 'SentioEvaluationsSkipped',
          expr: 'increase(sentio_evaluations_skipped_total[15m]) > 0',
          keep_firing_for: '15m',
          summary: 'Sentio {{ $labels.instance }} skips evaluations',
          description: 'Evaluating and scoring all series takes longer than a step.',
          isDrawn: true,
        }),
        health('warning', {
          alert: 'SentioEvaluationsFailing',
          expr: 'increase(sentio_evaluation_failures_total[15m]) > 0',
          keep_firing_for: '15m',
          summary: 'Sentio {{ $labels.instance }} fails to evaluate some series',
          description: 'Their forecasts and scores are not published; the log names them.',
          isDrawn: true,
        }),
        health('warning', {
          alert: 'SentioCoverageOff',
          expr: 'abs(sentio_interval_coverage_ratio - sentio_interval_nominal_ratio) > 0.04',
          for: '6h',
          summary: 'The interval of rule {{ $labels.rule }} does not hold the share of steps it is meant to',
          description: 'It is off by {{ $value | humanizePercentage }}.',
          isDrawn: true,
        }),
        health('warning', {
          alert: 'SentioReloadFailed',
          expr: 'sentio_config_last_reload_successful == 0',
          summary: 'Sentio {{ $labels.instance }} runs on an older configuration than its file',
          description: 'The last reload was refused; the log says every mistake.',
        }),
        health('warning', {
          alert: 'SentioSnapshotFailing',
          expr: 'increase(sentio_snapshot_failures_total[1h]) > 0',
          keep_firing_for: '30m',
          summary: 'Sentio {{ $labels.instance }} could not {{ $labels.operation }} its snapshot',
          description: 'After a restart it would have to learn again from remote_read or from what is streamed.',
        }),
        health('warning', {
          alert: 'SentioOverloaded',
          expr: 'sentio_event_loop_lag_seconds{percentile="99"} > 1',
          for: '10m',
          summary: 'Sentio {{ $labels.instance }} is overloaded',
          description:
            'One in a hundred turns of its event loop is {{ $value | humanizeDuration }} late or more; requests wait as long.',
          isDrawn: true,
        }),
      ],
    },
  ],
};
