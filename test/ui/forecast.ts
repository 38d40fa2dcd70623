import type { ForecastSeriesJson } from '#src/http/api/json/forecast.js';

/** A forecast series of the API with nothing in it but what is given. */
export function forecastSeries(given: Partial<ForecastSeriesJson>): ForecastSeriesJson {
  return {
    metric: { __name__: 'm' },
    rule: 'default',
    aggregate: 'mean',
    aggregate_by: 'name',
    step: 10,
    state: 'forecasting',
    last: { time: null, value: null, yhat: null, yhat_lower: null, yhat_upper: null, anomaly_score: null },
    interval: { nominal: 0.99, coverage: null },
    level_accepted_at: null,
    resolution: 600,
    horizon: 86_400,
    history_from: 0,
    horizons: [],
    names: {
      observed: 'm',
      yhat: 'm_yhat',
      yhat_lower: 'm_yhat_lower',
      yhat_upper: 'm_yhat_upper',
      anomaly_score: 'm_anomaly_score',
    },
    alarms: [],
    excluded_times: [],
    special_days: [],
    timezone: 'UTC',
    events: [],
    observed: { times: [], values: [], anomaly_score: [], steps_from: null },
    ...given,
  };
}
