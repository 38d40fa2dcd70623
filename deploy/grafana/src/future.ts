import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { alarms } from './annotations.js';
import { dashboard, linkTo } from './frame.js';
import { drawn, mixedLines } from './panels.js';
import { EXPECTED, forecast, KIND, LOWER, OBSERVED, UPPER } from './promql.js';
import { UNIT_OF_QUERY, unitQuery } from './unit.js';
import { choice, DATASOURCE, datasource, SENTIO, sentioDatasource, unit } from './variables.js';

/** The future without remote_read: what was from Prometheus, what is expected from Sentio's own query API, in one panel. */
export function futureDashboard(): DashboardBuilder {
  const noLine = { lineWidth: 0 };
  return dashboard('Future', 'future', "The past from Prometheus and the future from Sentio's query API, in one panel.")
    .time({ from: 'now-1d', to: 'now+1d' })
    .variables([
      datasource(),
      sentioDatasource(),
      choice('metric', 'Metric', 'label_values({__name__=~".+_yhat"}, __name__)', '/(.*)_yhat/'),
      choice(
        'series',
        'Series',
        'query_result(last_over_time({__name__="${metric}_yhat", horizon=""}[$__range]))',
        '/\\{(.+)\\}/',
      ),
      unit(),
    ])
    .annotation(alarms(KIND, '${metric}'))
    .links([linkTo('Forecast', 'forecast'), linkTo('Fleet', 'fleet')])
    .withPanel(
      mixedLines(
        {
          title: '${metric}',
          description:
            'Solid: what was observed and expected, from Prometheus. Dashed: what Sentio expects up to the horizon, from its own query API; over the past, what its present model says.',
          width: 24,
          height: 16,
        },
        [
          { expr: LOWER, legend: 'lower', datasource: DATASOURCE },
          { expr: UPPER, legend: 'upper', datasource: DATASOURCE },
          { expr: EXPECTED, legend: 'expected', datasource: DATASOURCE },
          { expr: forecast('yhat_lower'), legend: 'forecast lower', datasource: SENTIO },
          { expr: forecast('yhat_upper'), legend: 'forecast upper', datasource: SENTIO },
          { expr: forecast('yhat'), legend: 'forecast', datasource: SENTIO },
          { expr: OBSERVED, legend: 'actual', datasource: DATASOURCE },
        ],
      )
        .withTarget(unitQuery().datasource(DATASOURCE))
        .withTransformation(UNIT_OF_QUERY)
        .overrideByName('expected', drawn('blue'))
        .overrideByName('lower', drawn('blue', noLine))
        .overrideByName('upper', drawn('blue', { ...noLine, fillBelowTo: 'lower', fillOpacity: 15 }))
        .overrideByName('forecast', drawn('purple', { lineStyle: { fill: 'dash', dash: [8, 6] } }))
        .overrideByName('forecast lower', drawn('purple', noLine))
        .overrideByName(
          'forecast upper',
          drawn('purple', { ...noLine, fillBelowTo: 'forecast lower', fillOpacity: 10 }),
        )
        .overrideByName('actual', drawn('text', { lineWidth: 2 })),
    );
}
