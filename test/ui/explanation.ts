import type { AlarmJson } from '#src/http/api/json/alarms.js';
import type { ExplanationJson } from '#src/http/api/json/explanation.js';

/** An explanation of the API of a step from 1000 to 1010 that was inside its interval, but for what is given. */
export function explanation(given: Partial<ExplanationJson> = {}): ExplanationJson {
  return {
    metric: { __name__: 'm' },
    rule: 'web',
    aggregate: 'mean',
    state: 'forecasting',
    start: 1000,
    end: 1010,
    observed: { value: 101, width: 10 },
    expected: {
      yhat: 100,
      yhat_lower: 90,
      yhat_upper: 110,
      interval_width: 0.99,
      parts: [
        { name: 'trend', value: 98 },
        { name: 'daily', value: 3 },
        { name: 'weekly', value: -1 },
      ],
    },
    anomaly_score: 0.1,
    score_basis: 'distance',
    alarm: null,
    last_similar: null,
    peers: { series: 1, anomalous: 0, worst: [] },
    events: [],
    exemplars: [],
    excluded_times: [],
    text: '',
    notes: [],
    ...given,
  };
}

/** An incident of the API that is over and was not suppressed. */
export function alarm(given: Partial<AlarmJson> = {}): AlarmJson {
  return {
    start: 1000,
    end: 1600,
    is_ongoing: false,
    side: 'above',
    peak_score: 2.5,
    kind: 'value',
    reason: 'Its value is unusually far from what is expected.',
    suppressed: false,
    ...given,
  };
}
