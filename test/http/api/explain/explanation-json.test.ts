import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineQueries } from '#src/engine/query/engine-queries.js';
import type { Explanation } from '#src/engine/query/explain.js';
import type { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { explanationJson } from '#src/http/api/explain/explanation-json.js';
import { MarkerStore } from '#src/markers/marker-store.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { MINUTE, makeSettings } from '../../../fixtures.js';

const NOW = Date.parse('2026-10-03T12:00Z');

/** What is said of a step on a special day, or on none, inside its interval unless `more` says otherwise. */
function said(specialDay: Explanation['specialDay'], more: Partial<Explanation> = {}) {
  const explanation: Explanation = {
    aggregate: 'mean',
    startMs: NOW - MINUTE,
    endMs: NOW,
    value: 21,
    expected: { yhat: 20, yhatLower: 15, yhatUpper: 25 },
    parts: [{ name: 'trend', value: 20 }],
    score: 0.2,
    limits: {},
    scoreBasis: 'published',
    alarm: undefined,
    similar: undefined,
    specialDay,
    excluded: [],
    acceptance: undefined,
    references: [],
    ...more,
  };
  const queries = {
    explain: () => explanation,
    markers: new MarkerStore(),
    peers: () => ({ series: 1, anomalous: 0, worst: [] }),
    status: () => ({ rule: 'a', state: 'ready' }),
    settings: () => makeSettings(),
    labels: () => makeLabels({ __name__: 'm' }),
  } as unknown as EngineQueries;
  return explanationJson(queries, { openShift: undefined } as TrackedSeries, NOW, NOW, { select: () => [] });
}

test('explanationJson() says as what a special day is expected, first of all', () => {
  const { special_day, notes } = said({ name: 'German Unity Day', meaning: { kind: 'like', weekday: 0 } });
  assert.deepEqual(special_day, {
    name: 'German Unity Day',
    like: 'sunday',
    text: 'expected as a Sunday: German Unity Day',
  });
  assert.equal(notes[0], 'expected as a Sunday: German Unity Day');
});

test('explanationJson() says that a day is neither learnt nor scored', () => {
  const { special_day, notes } = said({ name: 'Stocktaking', meaning: { kind: 'ignore' } });
  assert.deepEqual(special_day, { name: 'Stocktaking', ignore: true, text: notes[0] });
  assert.equal(notes[0], 'neither learnt nor scored: Stocktaking');
});

test('explanationJson() says that a day is learnt', () => {
  const { special_day, notes } = said({ name: 'Payday', meaning: { kind: 'learn' } });
  assert.deepEqual(special_day, { name: 'Payday', learn: true, text: notes[0] });
  assert.equal(notes[0], 'learnt as a day of its own: Payday');
});

test('explanationJson() says nothing of a day like any other', () => {
  const { special_day, notes } = said(undefined);
  assert.equal(special_day, undefined);
  assert.ok(notes.every((note) => !note.startsWith('expected as')));
});

const UNTIL = NOW + 60 * MINUTE;

test('explanationJson() says by whom, why and until when a step is excluded, in place of a score', () => {
  const span = { fromMs: NOW - MINUTE, toMs: UNTIL };
  const none = { score: Number.NaN, scoreBasis: 'none' } as const;
  const swap = { ...span, id: 'a', kind: 'maintenance', reason: 'disk swap', alarms: false, learn: false } as const;
  const { text, excluded_times, anomaly_score } = said(undefined, { excluded: [swap], ...none });
  assert.deepEqual(excluded_times, [
    {
      start: (NOW - MINUTE) / 1000,
      end: UNTIL / 1000,
      kind: 'maintenance',
      id: 'a',
      reason: 'disk swap',
      alarms: false,
      learn: false,
    },
  ]);
  assert.equal(anomaly_score, null);
  assert.match(
    text,
    /expected: 20.* Excluded as maintenance until 2026-10-03T13:00:00.000Z \(disk swap\)\. No alarms, nothing is learnt\./,
  );
  assert.doesNotMatch(text, /score|NaN/);
  const byRule = { ...span, kind: 'rule', reason: 'Backup', alarms: false, learn: true } as const;
  assert.match(
    said(undefined, { excluded: [byRule] }).text,
    /Excluded by its rule until .* \(Backup\)\. No alarms, but it is learnt\./,
  );
  const incident = { ...span, id: 'b', kind: 'incident', reason: '', alarms: true, learn: false } as const;
  const both = said(undefined, { excluded: [incident], value: Number.NaN, ...none }).text;
  assert.match(both, /no value.*Excluded as incident until \S+Z\. Alarms are as ever, nothing is learnt\./);
});

test('explanationJson() says that an alarm is suppressed because of what a person said', () => {
  const acceptance = {
    id: 'a',
    kind: 'not_an_anomaly',
    match: ['m'],
    reason: 'sale',
    createdMs: NOW - 60 * MINUTE,
    fromMs: NOW - 90 * MINUTE,
    toMs: NOW - 80 * MINUTE,
    accepted: [],
  } as const;
  const alarm = { fromMs: NOW - MINUTE, toMs: NOW, side: 1, peakScore: 2, kind: 'value', suppressed: true } as const;
  const explained = said(undefined, { acceptance, alarm });
  assert.deepEqual(explained.acceptance, {
    id: 'a',
    reason: 'sale',
    created: NOW / 1000 - 3600,
    start: NOW / 1000 - 5400,
    end: NOW / 1000 - 4800,
  });
  assert.match(explained.text, /Accepted: .* marked as no anomaly at 2026-10-03T11:00:00.000Z \(sale\)\./);
  assert.equal(said(undefined, { alarm }).acceptance, undefined);
});

test('explanationJson() says what the rule takes from other series, and what is not known yet', () => {
  const size = { selector: 'size{type="hard"}', matchers: [] };
  const { notes } = said(undefined, {
    references: [
      { key: 'limits.max', reference: { ...size, on: ['disk', 'job'], factor: 0.9 }, match: 450 },
      { key: 'limits.min', reference: { ...size, ignoring: ['type'], factor: 1 }, match: 'none' },
      { key: 'prophet.cap', reference: { ...size, factor: 1 }, match: 'several' },
    ],
  });
  assert.deepEqual(notes.slice(-3), [
    'limits.max is 450 now: 0.9 × size{type="hard"}, matched on (disk, job)',
    'limits.min is not known, because no series received matches: size{type="hard"}, matched ignoring (type); there is no limit until it is known',
    'prophet.cap is not known, because several series with different values match: size{type="hard"}, matched on all labels; growth is linear until it is known',
  ]);
});
