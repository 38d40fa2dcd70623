import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesJson } from '#src/http/api/json/series.js';
import { stateText } from '#src/ui/detail/state-text.js';
import { localDayTime } from '#src/ui/lib/times.js';

const last = { time: 1000, value: 5, yhat: 5, yhat_lower: 4, yhat_upper: 6, anomaly_score: 0.4 };
const alarm = { kind: 'stuck', reason: '', since: 900 } as const;

const cases: readonly (readonly [given: Partial<SeriesJson>, want: string])[] = [
  [{}, 'inside its interval'],
  [{ last: { ...last, value: 7 } }, 'above its interval, no alarm'],
  [{ last: { ...last, value: 3 } }, 'below its interval, no alarm'],
  [{ alarm, last: { ...last, anomaly_score: 2 } }, 'in alarm: stuck'],
  [
    { last: { ...last, anomaly_score: 0.998 }, calming_since: 60 },
    `inside its interval; calming down since ${localDayTime(60).slice(0, -3)}`,
  ],
  [{ last: { ...last, value: null, anomaly_score: null } }, 'no value now'],
  [{ state: 'learning' }, 'learning'],
];
for (const [given, want] of cases) {
  test(`${JSON.stringify(given)} is ${want}`, () =>
    assert.equal(stateText({ state: 'forecasting', last, ...given }), want));
}
