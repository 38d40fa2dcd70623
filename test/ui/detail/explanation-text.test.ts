import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExplanationJson } from '#src/http/api/json/explanation.js';
import {
  alarmText,
  eventText,
  isClipped,
  othersText,
  partTexts,
  similarText,
  spanText,
  verdict,
} from '#src/ui/detail/explanation-text.js';
import { localDayTime, localTime } from '#src/ui/lib/times.js';
import { alarm, explanation } from '../explanation.js';

const NOW = 2000;
const above = { observed: { value: 120, width: 10 } };
const below = { observed: { value: 80, width: 10 } };
const none = { observed: { value: null, width: 10 }, anomaly_score: null };

const verdicts: readonly (readonly [given: Partial<ExplanationJson>, want: string])[] = [
  [{}, 'Inside its interval, as expected.'],
  [{ ...above, anomaly_score: 1.2 }, 'Above its interval, and rare enough to be an alarm.'],
  [{ ...below, anomaly_score: 1.2 }, 'Below its interval, and rare enough to be an alarm.'],
  [{ ...above, anomaly_score: 0.9 }, 'Above its interval, but not rare enough to be an alarm.'],
  [{ anomaly_score: 1.2 }, 'Inside its interval, yet rare enough to be an alarm.'],
  [
    { anomaly_score: 1.2, alarm: alarm({ kind: 'stuck', reason: 'It does not move.' }) },
    'Inside its interval, and in alarm. It does not move.',
  ],
  [{ alarm: alarm() }, 'Inside its interval, in the course of an alarm.'],
  [
    {
      ...above,
      anomaly_score: 1.2,
      alarm: alarm({ suppressed: true }),
      acceptance: { id: 'a', reason: 'sale', created: 1500, start: 900, end: 1100 },
    },
    `Accepted, no alarm: it, or the like of it, was marked as not an anomaly on ${localDayTime(1500)}: sale.`,
  ],
  [
    {
      ...above,
      anomaly_score: null,
      excluded_times: [
        { start: 900, end: 1500, kind: 'incident', id: 'a', reason: '', alarms: true, learn: false },
        { start: 900, end: 1600, kind: 'rule', reason: 'Backup', alarms: false, learn: true },
      ],
    },
    `No score and no alarm: excluded by its rule: Backup, until ${localDayTime(1600)}; no alarms, it is learnt.`,
  ],
  [
    { ...above, anomaly_score: 1.2, alarm: alarm({ suppressed: true }) },
    'Above its interval. It often is so at this time of the day: no alarm.',
  ],
  [none, 'No value came then.'],
  [{ ...none, start: NOW + 10, end: NOW + 20 }, 'This is still to come.'],
  [{ anomaly_score: null }, 'There is no score of that time.'],
  [{ expected: undefined, anomaly_score: null }, 'Nothing was expected: Sentio is still learning this series.'],
];
for (const [given, want] of verdicts) {
  test(`of ${JSON.stringify(given)} it is said: ${want}`, () => assert.equal(verdict(explanation(given), NOW), want));
}

test('a span of one day tells the day once, one over midnight twice', () => {
  const noon = new Date(2026, 0, 8, 12).getTime() / 1000;
  assert.equal(spanText(noon, noon + 60), '01-08 12:00:00 – 12:01:00');
  assert.equal(spanText(noon, noon + 86_400), '01-08 12:00:00 – 01-09 12:00:00');
});

test('an alarm is told by when it was, or since when it is', () => {
  const from = localDayTime(1000);
  assert.equal(alarmText(alarm()), `${from} – ${localTime(1600)}, for 10 min; highest score 2.50`);
  assert.equal(alarmText(alarm({ is_ongoing: true })), `Since ${from}, for 10 min so far; highest score 2.50`);
  assert.equal(similarText(alarm(), 1600 + 7200), '2 h before, for 10 min; highest score 2.50');
});

const others: readonly (readonly [series: number, anomalous: number, worst: number, want: string])[] = [
  [1, 0, 0, 'The rule web has no other series.'],
  [1235, 0, 0, 'None of the 1,234 other series of the rule web was in alarm then.'],
  [3, 1, 1, '1 of the 2 other series of the rule web was in alarm then:'],
  [100, 30, 10, '30 of the 99 other series of the rule web were in alarm then; the 10 highest:'],
];
for (const [series, anomalous, listed, want] of others) {
  test(`of ${series} series, ${anomalous} others in alarm, it is said: ${want}`, () => {
    const worst = Array.from({ length: listed }, () => ({ metric: {}, alarm: alarm() }));
    assert.equal(othersText(explanation({ peers: { series, anomalous, worst } })), want);
  });
}

test('seasons have a sign, the trend has none of its own', () => {
  const texts = partTexts(explanation().expected!, (value) => String(value).replace('-', '−'));
  assert.deepEqual(
    texts.map(({ name, text }) => `${name} ${text}`),
    ['trend 98', 'daily +3', 'weekly −1'],
  );
});

test('a forecast is clamped where it is not the sum of its parts, but for what rounding does', () => {
  const { expected } = explanation();
  const clamped = (yhat: number, rest = {}) => isClipped({ ...expected!, yhat, ...rest });
  assert.deepEqual([clamped(100), clamped(100.1), clamped(99), clamped(101)], [false, false, true, true]);
  // The bounds have made one of both edges.
  assert.deepEqual(
    [clamped(100, { yhat_lower: 100, yhat_upper: 100 }), clamped(0, { yhat_lower: 0, yhat_upper: 0 })],
    [false, true],
  );
});

test('eventText() says when something happened, and what', () => {
  const event = { marker: 'deploy', metric: 'b', time: 0, labels: {}, changes: [], text: 'b{version} changed' };
  assert.equal(eventText({ ...event, before: 120 }), '2 min before: b{version} changed (deploy)');
  assert.equal(eventText({ ...event, before: -15 }), '15 s later: b{version} changed (deploy)');
});
