import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { dashboard } from './frame.js';
import { lines, type PanelText, type Query, stat } from './panels.js';
import { quantile, rate, SELF } from './promql.js';
import { choices, datasource } from './variables.js';

/** Values of `outcome` for samples of tracked series that are not stored. */
const DROPPED = 'not_finite|duplicate|late|replica|too_new|too_old';

/** Whether Sentio does its work: what comes in, what is fitted, what goes out, and what that takes. */
export function itselfDashboard(): DashboardBuilder {
  return [...overview(), ...ingest(), ...fits(), ...publishing(), ...resources()].reduce(
    (built, panel) => built.withPanel(panel),
    dashboard('Sentio itself', 'itself', "Sentio's own health, from its /metrics.").variables([
      datasource(),
      choices('job', 'Job', 'label_values(sentio_build_info, job)'),
      choices('instance', 'Instance', 'label_values(sentio_build_info{job=~"$job"}, instance)'),
    ]),
  );
}

function overview() {
  const tile = (title: string, description: string, expr: string, unit = 'short') =>
    stat({ title, description, unit, width: 4, height: 4 }, [{ expr, legend: '' }]);
  return [
    tile('Series', 'Series that are tracked.', `sum(sentio_series{${SELF}})`),
    tile(
      'With a forecast',
      'Share of them that has a fitted model.',
      `sum(sentio_series_with_forecast{${SELF}}) / (sum(sentio_series{${SELF}}) > 0)`,
      'percentunit',
    ),
    tile('Samples in', 'Samples stored a second.', rate('sentio_receiver_samples_total', [], 'outcome="stored"')),
    tile('Fits', 'Models fitted a second.', rate('sentio_fits_total', [], 'outcome=~"exact|stan"')),
    tile(
      'Refits late by',
      'How long the most overdue refit has been waiting.',
      `max(sentio_refit_lag_seconds{${SELF}})`,
      's',
    ),
    tile(
      'History here',
      'Share of the history asked for that has been read; 1 when there is nothing to read.',
      `min(sentio_backfill_progress_ratio{${SELF}})`,
      'percentunit',
    ),
  ];
}

function ingest(): PanelBuilder[] {
  return [
    half(
      {
        title: 'Samples received',
        description: 'By what became of them; `no_rule` are series that nobody asked to track.',
      },
      [{ expr: rate('sentio_receiver_samples_total', ['outcome']), legend: '{{outcome}}' }],
    ),
    half({ title: 'Write requests', description: 'By HTTP status.' }, [
      { expr: rate('sentio_receiver_requests_total', ['code']), legend: '{{code}}' },
    ]),
    half({ title: 'Time of a write request', description: 'From its headers to its answer.', unit: 's' }, [
      { expr: quantile(0.5, 'sentio_receiver_request_duration_seconds'), legend: 'p50' },
      { expr: quantile(0.99, 'sentio_receiver_request_duration_seconds'), legend: 'p99' },
    ]),
    half({ title: 'Dropped samples', description: 'Samples of tracked series that were not stored, by outcome.' }, [
      {
        expr: rate('sentio_receiver_samples_total', ['outcome'], `outcome=~"${DROPPED}"`),
        legend: '{{outcome}}',
      },
    ]),
    half({ title: 'Series', description: 'Tracked, with a forecast, and waiting for history.' }, [
      { expr: `sum(sentio_series{${SELF}})`, legend: 'tracked' },
      { expr: `sum(sentio_series_with_forecast{${SELF}})`, legend: 'with a forecast' },
      { expr: `sum(sentio_backfill_series_pending{${SELF}})`, legend: 'waiting for history' },
      { expr: `sum(sentio_ignored_series{${SELF}})`, legend: 'ignored' },
    ]),
    half({ title: 'Questions about the future', description: 'Remote-read requests by HTTP status.' }, [
      { expr: rate('sentio_read_requests_total', ['code']), legend: '{{code}}' },
    ]),
  ];
}

function fits(): PanelBuilder[] {
  return [
    half(
      { title: 'Fits by outcome', description: 'The optimizer that gave the model, or the reason why there is none.' },
      [{ expr: rate('sentio_fits_total', ['outcome']), legend: '{{outcome}}' }],
    ),
    half(
      { title: 'Time of a fit', description: 'In its worker, from reading the ring to the parameters.', unit: 's' },
      [
        { expr: quantile(0.5, 'sentio_fit_duration_seconds'), legend: 'p50' },
        { expr: quantile(0.99, 'sentio_fit_duration_seconds'), legend: 'p99' },
      ],
    ),
    half({ title: 'Refit lag', description: 'How long the most overdue refit has been waiting.', unit: 's' }, [
      { expr: `sentio_refit_lag_seconds{${SELF}}`, legend: '{{instance}}' },
    ]),
    half(
      {
        title: 'Fits waiting for a worker',
        description: 'A few: the workers are kept busy. Always the same many: see the lag.',
      },
      [{ expr: `sentio_fit_queue_size{${SELF}}`, legend: '{{instance}}' }],
    ),
  ];
}

function publishing(): PanelBuilder[] {
  return [
    half({ title: 'Samples out', description: 'By what became of them: sent, or lost for one of several reasons.' }, [
      { expr: rate('sentio_remote_write_samples_total', ['target', 'outcome']), legend: '{{target}} {{outcome}}' },
    ]),
    half(
      {
        title: 'Queue',
        description: 'Share of the queue that is full; beyond it the oldest samples are dropped.',
        unit: 'percentunit',
      },
      [
        {
          expr: `sentio_remote_write_queue_samples{${SELF}} / sentio_remote_write_queue_capacity_samples{${SELF}}`,
          legend: '{{instance}} {{target}}',
        },
      ],
    ).min(0),
    half(
      {
        title: 'Published until',
        description: 'Age of the newest timestamp a target took; below 0 it is ahead of the clock, as the interval is.',
        unit: 's',
      },
      [
        {
          expr: `time() - sentio_remote_write_highest_sent_timestamp_seconds{${SELF}}`,
          legend: '{{instance}} {{target}}',
        },
      ],
    ),
    half({ title: 'Time of a request out', description: 'Until the end of its answer.', unit: 's' }, [
      { expr: quantile(0.99, 'sentio_remote_write_request_duration_seconds', ['target']), legend: '{{target}} p99' },
    ]),
    half(
      {
        title: 'Retries and skipped evaluations',
        description: 'Requests sent again; evaluations skipped because the previous one was still running.',
      },
      [
        { expr: rate('sentio_remote_write_retries_total', ['target']), legend: 'retries to {{target}}' },
        { expr: rate('sentio_evaluations_skipped_total'), legend: 'evaluations skipped' },
      ],
    ),
    half(
      {
        title: 'Coverage of the interval',
        description: 'Share of steps inside it, and the share it is meant to hold.',
        unit: 'percentunit',
      },
      [
        { expr: `sentio_interval_coverage_ratio{${SELF}}`, legend: '{{instance}} {{rule}}' },
        { expr: `sentio_interval_nominal_ratio{${SELF}}`, legend: '{{instance}} {{rule}} nominal' },
      ],
    ),
  ];
}

function resources(): PanelBuilder[] {
  return [
    half({ title: 'Memory', description: 'Of the process, and of that what history takes.', unit: 'bytes' }, [
      { expr: `process_resident_memory_bytes{${SELF}}`, legend: '{{instance}} resident' },
      { expr: `sentio_ring_bytes{${SELF}}`, legend: '{{instance}} rings' },
      { expr: `sentio_series_index_bytes{${SELF}}`, legend: '{{instance}} labels and index' },
      { expr: `nodejs_heap_size_used_bytes{${SELF}}`, legend: '{{instance}} heap' },
    ]).min(0),
    half({ title: 'Event loop', description: 'How late it is; requests wait as long.', unit: 's' }, [
      { expr: `sentio_event_loop_lag_seconds{percentile="50", ${SELF}}`, legend: '{{instance}} p50' },
      { expr: `sentio_event_loop_lag_seconds{percentile="99", ${SELF}}`, legend: '{{instance}} p99' },
      { expr: `sentio_event_loop_lag_seconds{percentile="100", ${SELF}}`, legend: '{{instance}} longest' },
    ]),
    half({ title: 'Processor', description: 'Cores in use, fits included.' }, [
      { expr: rate('process_cpu_seconds_total', ['instance']), legend: '{{instance}}' },
    ]).min(0),
    half(
      { title: 'Snapshot', description: 'Age of the last one; without `--storage.path` there is none.', unit: 's' },
      [
        {
          expr: `time() - (sentio_snapshot_last_success_timestamp_seconds{${SELF}} > 0)`,
          legend: '{{instance}} age',
        },
        { expr: `sentio_snapshot_duration_seconds{${SELF}}`, legend: '{{instance}} time to write' },
      ],
    ),
  ];
}

function half(text: Omit<PanelText, 'width'>, queries: readonly Query[]): PanelBuilder {
  return lines({ ...text, width: 12 }, queries);
}
