import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineQueries } from '#src/engine/query/engine-queries.js';
import type { Explanation } from '#src/engine/query/explain.js';
import type { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { explanationJson } from '#src/http/api/explanation-json.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { MINUTE, makeSettings } from '../../fixtures.js';

const NOW = Date.parse('2026-10-03T12:00Z');

/** What is said of a step on a special day, or on none. */
function said(specialDay: Explanation['specialDay']) {
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
  };
  const queries = {
    explain: () => explanation,
    peers: () => ({ series: 1, anomalous: 0, worst: [] }),
    status: () => ({ rule: 'a', state: 'ready' }),
    settings: () => makeSettings(),
    labels: () => makeLabels({ __name__: 'm' }),
  } as unknown as EngineQueries;
  return explanationJson(queries, { openShift: undefined } as TrackedSeries, NOW, NOW, { select: () => [] });
}

test('explanationJson() says as what a special day is expected, first of all', () => {
  const { special_day, notes } = said({ name: 'German Unity Day', meaning: { kind: 'like', weekday: 0 } });
  assert.deepEqual(special_day, { name: 'German Unity Day', like: 'sunday' });
  assert.equal(notes[0], 'expected as a Sunday: German Unity Day');
});

test('explanationJson() says that a day is neither learnt nor scored', () => {
  const { special_day, notes } = said({ name: 'Stocktaking', meaning: { kind: 'ignore' } });
  assert.deepEqual(special_day, { name: 'Stocktaking', ignore: true });
  assert.equal(notes[0], 'neither learnt nor scored: Stocktaking');
});

test('explanationJson() says that a day is learnt', () => {
  const { special_day, notes } = said({ name: 'Payday', meaning: { kind: 'learn' } });
  assert.deepEqual(special_day, { name: 'Payday', learn: true });
  assert.equal(notes[0], 'learnt as a day of its own: Payday');
});

test('explanationJson() says nothing of a day like any other', () => {
  const { special_day, notes } = said(undefined);
  assert.equal(special_day, undefined);
  assert.ok(notes.every((note) => !note.startsWith('expected as')));
});
