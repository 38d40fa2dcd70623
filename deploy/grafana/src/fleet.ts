import { HeatmapCellLayout, StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  RowsHeatmapOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import type { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import type { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { alarms } from './annotations.js';
import { dashboard, linkTo } from './frame.js';
import { alarmOver, buckets, lines, type Query, stat, steps, table } from './panels.js';
import {
  DETAIL_LABELS,
  KINDS,
  MISSING,
  ROW_LABELS,
  SCORES,
  TIMES_TO_LIMIT,
  withForecastMetric,
  withMetric,
  withTargets,
} from './promql.js';
import { choices, datasource, filters, scope } from './variables.js';

/** Where the buckets of the heat map end; over 1 they are alarms. */
const SCORE_BUCKETS = [0.25, 0.5, 0.75, 1, 1.5, 2, 4];

/** All series at once: what is anomalous, and how much is. */
export function fleetDashboard(): DashboardBuilder {
  return dashboard('Fleet', 'fleet', 'All series that Sentio scores: which are anomalous, and how many.')
    .variables([
      datasource(),
      choices('metric', 'Metric', 'label_values({__name__=~".+_anomaly_score"}, __name__)', '/(.*)_anomaly_score/'),
      choices('job', 'Job', 'label_values({__name__=~".+_anomaly_score"}, job)'),
      ...scope('{__name__=~".+_anomaly_score"}'),
      filters(),
    ])
    .annotation(alarms(`count by (sentio_kind) (${KINDS})`, 'series in alarm'))
    .links([linkTo('Forecast', 'forecast'), linkTo('Sentio itself', 'itself')])
    .withPanel(
      stat({ title: 'Anomalous now', description: 'Series that score over 1.', width: 6, height: 5 }, [
        { expr: `count(${SCORES} > 1) or vector(0)`, legend: 'series' },
      ]).thresholds(steps(1)),
    )
    .withPanel(
      stat({ title: 'Scored', description: 'Series that have a score now.', width: 6, height: 5 }, [
        { expr: `count(${SCORES})`, legend: 'series' },
      ]),
    )
    .withPanel(
      stat(
        {
          title: 'Share anomalous',
          description: 'One series is a thing of its own; a tenth of all at once is one incident.',
          unit: 'percentunit',
          width: 6,
          height: 5,
        },
        [{ expr: `(count(${SCORES} > 1) or vector(0)) / count(${SCORES})`, legend: 'share' }],
      ).thresholds(steps(0.1)),
    )
    .withPanel(
      stat({ title: 'Missing', description: 'Series that came regularly and are silent now.', width: 6, height: 5 }, [
        { expr: `count(${MISSING}) or vector(0)`, legend: 'series' },
      ]).thresholds(steps(1)),
    )
    .withPanel(anomalousNow())
    .withPanel(missingNow())
    .withPanel(fullIn())
    .withPanel(
      lines(
        {
          title: 'Accepted levels per hour by rule',
          description:
            "How many new levels became what is expected in the hour before, by Sentio's rules; of all series, whatever is chosen above. Their alarms ended with that.",
          width: 12,
          height: 8,
        },
        [{ expr: 'sum by (rule) (increase(sentio_level_shifts_accepted_total[1h]))', legend: '{{rule}}' }],
      ).min(0),
    )
    .withPanel(
      alarmOver(
        lines({ title: 'Top scores', description: 'The ten highest at each instant.', width: 12, height: 9 }, [
          { expr: `topk(10, ${SCORES})`, legend: '__auto' },
        ]).min(0),
        1,
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Anomalies per hour by rule',
          description:
            "How many anomalies began in the hour before, by Sentio's rules; of all series, whatever is chosen above.",
          width: 12,
          height: 9,
        },
        [{ expr: 'sum by (rule) (increase(sentio_anomalies_total[1h]))', legend: '{{rule}}' }],
      ).min(0),
    )
    .withPanel(
      buckets(
        {
          title: 'Scores',
          description:
            'How many series score so much. A column that brightens at the top is an incident of many series.',
          width: 12,
          height: 9,
        },
        scoreBuckets(),
      )
        .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Auto))
        .color(
          new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('YlOrRd').steps(32).reverse(false),
        ),
    )
    .withPanel(perHour())
    .withPanel(
      lines(
        {
          title: 'In alarm by kind',
          description:
            'Series in alarm, by what is rare about them: `value`, `jump`, `stuck`, `drift`, `missing`, `rate`, `limit`.',
          width: 12,
          height: 9,
        },
        [{ expr: `count by (sentio_kind) (${KINDS})`, legend: '{{sentio_kind}}' }],
      )
        .min(0)
        .stacking(new StackingConfigBuilder().mode(StackingMode.Normal))
        .fillOpacity(40),
    );
}

/** A click on the metric of a row leads to the forecast of its series. */
const FORECAST = {
  title: 'Forecast',
  url: `/d/sentio-forecast?\${__url_time_range}&var-metric=\${__data.fields.metric:percentencode}${[...ROW_LABELS, ...DETAIL_LABELS].map((label) => `&var-${label}=\${__data.fields.to_${label}:percentencode}`).join('')}`,
  targetBlank: false,
};

function anomalousNow(): TableBuilder {
  return table(
    {
      title: 'What is anomalous now',
      description: 'Series that score over 1, worst first. A click on the metric shows it with its interval.',
      width: 24,
      height: 9,
    },
    { expr: `sort_desc(${withTargets(withMetric(`${SCORES} > 1`))})`, legend: '' },
  )
    .noValue('Nothing is anomalous.')
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, __name__: true },
        indexByName: { metric: 0, Value: 1 },
        renameByName: { Value: 'score' },
      },
    })
    .overrideByName('metric', [{ id: 'links', value: [FORECAST] }])
    .overrideByRegexp('to_.+', [{ id: 'custom.hidden', value: true }]);
}

/** How long what fills up has left, the shortest time first. */
function fullIn(): TableBuilder {
  return table(
    {
      title: 'Full in',
      description:
        'Series that reach a limit of their rule, as far as Sentio looks ahead, if they go on as they do. A click on the metric shows the forecast.',
      width: 12,
      height: 8,
    },
    { expr: `sort(${withTargets(withMetric(TIMES_TO_LIMIT, 'time_to_limit_seconds'))})`, legend: '' },
  )
    .noValue('Nothing reaches a limit.')
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, __name__: true },
        indexByName: { metric: 0, limit: 1, Value: 2 },
        renameByName: { Value: 'full in' },
      },
    })
    .overrideByName('metric', [{ id: 'links', value: [FORECAST] }])
    .overrideByName('full in', [{ id: 'unit', value: 's' }])
    .overrideByRegexp('to_.+', [{ id: 'custom.hidden', value: true }]);
}

function missingNow(): TableBuilder {
  return table(
    {
      title: 'What is missing now',
      description:
        'Series that came regularly and are silent now. `stale`: their sender ended them, as Prometheus does where a target is down; `gap`: samples stopped coming. A click on the metric shows what it was.',
      width: 12,
      height: 8,
    },
    { expr: withTargets(withForecastMetric(MISSING)), legend: '' },
  )
    .noValue('Nothing is missing.')
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, __name__: true, sentio_metric: true, Value: true },
        indexByName: { metric: 0, sentio_reason: 1 },
        renameByName: { sentio_reason: 'reason' },
      },
    })
    .overrideByName('metric', [{ id: 'links', value: [FORECAST] }])
    .overrideByRegexp('to_.+', [{ id: 'custom.hidden', value: true }]);
}

/** An anomaly is counted where it begins: it scores over 1 and did not a minute before. */
function perHour(): TimeseriesBuilder {
  const begins = `(${SCORES} > 1) unless (${SCORES} offset 1m > 1)`;
  return lines(
    {
      title: 'Anomalies per hour by metric',
      description: 'How many anomalies began in the hour before, by metric.',
      width: 12,
      height: 9,
    },
    [{ expr: `sum by (metric) (count_over_time((${withMetric(begins)})[1h:1m]))`, legend: '{{metric}}' }],
  ).min(0);
}

function scoreBuckets(): Query[] {
  return [...SCORE_BUCKETS, Number.POSITIVE_INFINITY].map((to, place) => {
    const from = place === 0 ? undefined : SCORE_BUCKETS[place - 1];
    const over = from === undefined ? SCORES : `${SCORES} > ${from}`;
    const within = to === Number.POSITIVE_INFINITY ? over : `(${over}) <= ${to}`;
    return {
      expr: `count(${within}) or vector(0)`,
      legend: to === Number.POSITIVE_INFINITY ? `over ${from}` : `to ${to}`,
    };
  });
}
