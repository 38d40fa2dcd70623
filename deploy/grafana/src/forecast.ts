import { GraphDrawStyle, VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  TextBoxVariableBuilder,
  VariableHide,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { alarms } from './annotations.js';
import { dashboard, linkTo } from './frame.js';
import { alarmOver, drawn, lines, stat, steps } from './panels.js';
import {
  DETAIL_LABELS,
  EXPECTED,
  EXPECTED_AHEAD,
  future,
  KIND,
  LOWER,
  OBSERVED,
  ROW_LABELS,
  SCORE,
  UPPER,
} from './promql.js';
import { UNIT_OF_QUERY, unitQuery } from './unit.js';
import { any, choice, choices, datasource, scope, unit } from './variables.js';

const SERIES_QUERY = `query_result(last_over_time({__name__="\${metric}_yhat", horizon="", ${[
  ...ROW_LABELS,
  ...DETAIL_LABELS,
]
  .map((label) => `${label}=~"$${label}"`)
  .join(', ')}}[$__range]))`;

/** What is shown first, where there is such a metric: that of the stack of containers that is shipped. */
const FIRST_METRIC = { text: 'docker_container_cpu_usage_percent', value: 'docker_container_cpu_usage_percent' };

/** This series on Sentio's page. A gauge may be called `…_rate` itself. */
const PAGE =
  '${sentio}/?series=%7B__name__%3D~%22${source:percentencode}(_rate)%3F%22%2C${series:percentencode}%7D&components=true';

/** One series: what it was, what was expected of it, what is expected next. */
export function forecastDashboard(): DashboardBuilder {
  return dashboard('Forecast', 'forecast', 'One series with its interval, its anomalies and its future.')
    .time({ from: 'now-1d', to: 'now+1d' })
    .variables([
      datasource(),
      choice('metric', 'Metric', 'label_values({__name__=~".+_yhat"}, __name__)', '/(.*)_yhat/').current(FIRST_METRIC),
      choices('instance', 'Instance', 'label_values({__name__="${metric}_yhat"}, instance)'),
      choices('container_name', 'Container', 'label_values({__name__="${metric}_yhat"}, container_name)'),
      ...scope('{__name__="${metric}_yhat"}'),
      // Only links set these.
      ...DETAIL_LABELS.map(any),
      choice('series', 'Series', SERIES_QUERY, '/\\{(.+)\\}/'),
      // The name of the source, which a counter's rate is named after.
      choice(
        'source',
        'Source',
        'label_values({__name__="${metric}_yhat"}, __name__)',
        '/^(.+?)(?:_rate)?_yhat$/',
      ).hide(VariableHide.HideVariable),
      unit(),
      new TextBoxVariableBuilder('sentio').label("Sentio's page").defaultValue('http://localhost:9201'),
    ])
    .annotation(alarms(KIND, '${metric}'))
    .links([
      new DashboardLinkBuilder('Trend and seasons')
        .type(DashboardLinkType.Link)
        .tooltip("Sentio's page takes the forecast apart: the components are not published as series.")
        .icon('external link')
        .url(PAGE)
        .targetBlank(true),
      linkTo('Fleet', 'fleet'),
      linkTo('Future', 'future'),
    ])
    .withPanel(actualAndInterval())
    .withPanel(
      alarmOver(
        lines(
          {
            title: 'Anomaly score',
            description: 'How rare the step is for this series: over 1 is an alarm.',
            width: 12,
          },
          [{ expr: SCORE, legend: 'score' }],
        ).min(0),
        1,
      ),
    )
    .withPanel(difference())
    .withPanel(outside())
    .withPanel(
      lines(
        {
          title: 'Error range over time',
          description:
            'The width of the interval, upper − lower: how much this series usually varies about its forecast.',
          width: 12,
        },
        [{ expr: `${UPPER} - ${LOWER}`, legend: 'width' }],
      ).axisSoftMin(0),
    )
    .withPanel(
      stat({ title: 'Score now', description: 'Over 1 is an alarm.', width: 4, height: 5 }, [
        { expr: SCORE, legend: 'score' },
      ]).thresholds(steps(1)),
    )
    .withPanel(
      stat(
        {
          title: 'Expected ahead',
          description: 'The value expected so far from now, for each of the `horizons` its rule lists.',
          width: 20,
          height: 5,
        },
        [{ expr: EXPECTED_AHEAD, legend: 'in {{horizon}}' }],
      ),
    );
}

function actualAndInterval(): PanelBuilder {
  const noLine = { lineWidth: 0 };
  return lines(
    {
      title: '${metric}',
      description:
        'What was observed, what was expected, and the interval that holds a share of `interval_width` of its steps. Red: steps that are alarms. Dashed: the future, which Prometheus reads from Sentio.',
      width: 24,
      height: 13,
    },
    [
      { expr: EXPECTED, legend: 'expected' },
      { expr: LOWER, legend: 'lower' },
      { expr: UPPER, legend: 'upper' },
      { expr: future('yhat'), legend: 'future' },
      { expr: future('yhat_lower'), legend: 'future lower' },
      { expr: future('yhat_upper'), legend: 'future upper' },
      { expr: OBSERVED, legend: 'actual' },
      { expr: `${OBSERVED} and ${SCORE} > 1`, legend: 'anomaly' },
    ],
  )
    .withTarget(unitQuery())
    .withTransformation(UNIT_OF_QUERY)
    .overrideByName('expected', drawn('blue'))
    .overrideByName('lower', drawn('blue', noLine))
    .overrideByName('upper', drawn('blue', { ...noLine, fillBelowTo: 'lower', fillOpacity: 15 }))
    .overrideByName('future', drawn('purple', { lineStyle: { fill: 'dash', dash: [8, 6] } }))
    .overrideByName('future lower', drawn('purple', noLine))
    .overrideByName('future upper', drawn('purple', { ...noLine, fillBelowTo: 'future lower', fillOpacity: 10 }))
    .overrideByName('actual', drawn('text', { lineWidth: 2 }))
    .overrideByName(
      'anomaly',
      drawn('red', { drawStyle: GraphDrawStyle.Points, showPoints: VisibilityMode.Always, pointSize: 8 }),
    );
}

function difference(): PanelBuilder {
  return lines(
    {
      title: 'Difference in actual and prediction',
      description: 'Actual − expected, between the two halves of the interval: how far it may be off on either side.',
      width: 12,
    },
    [
      { expr: `${LOWER} - ${EXPECTED}`, legend: 'may be below by' },
      { expr: `${UPPER} - ${EXPECTED}`, legend: 'may be above by' },
      { expr: `${OBSERVED} - ${EXPECTED}`, legend: 'difference' },
    ],
  )
    .withTarget(unitQuery())
    .withTransformation(UNIT_OF_QUERY)
    .axisCenteredZero(true)
    .overrideByName('may be below by', drawn('blue', { lineWidth: 0 }))
    .overrideByName('may be above by', drawn('blue', { lineWidth: 0, fillBelowTo: 'may be below by', fillOpacity: 15 }))
    .overrideByName('difference', drawn('text'));
}

/** |actual − expected| less the half of the interval on the side of the miss, which is the larger of these two differences. */
function outside(): PanelBuilder {
  const above = `(${OBSERVED} - ${UPPER})`;
  const below = `(${LOWER} - ${OBSERVED})`;
  return alarmOver(
    lines(
      {
        title: 'Anomalies detected',
        description:
          'How far outside of the interval it is: the miss less the half of the interval on that side. Below 0 it is inside. An alarm asks for more than that: see the score.',
        width: 12,
      },
      [{ expr: `(${above} >= ${below}) or ${below}`, legend: 'outside by' }],
    ),
    0,
  );
}
