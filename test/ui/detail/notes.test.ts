import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesJson } from '#src/http/api/json/series.js';
import { knowledgeText, laterChecksText, notesOf, trainingText } from '#src/ui/detail/notes.js';
import { localDayTime } from '#src/ui/lib/times.js';

const fit = { optimizer: 'exact', points: 10, resolution: 60, time: 900, seasons: [] };
const at = localDayTime;
const minute = (seconds: number) => at(seconds).slice(0, -3);

const cases: readonly (readonly [what: string, given: Partial<SeriesJson>, want: readonly string[]])[] = [
  ['of a usual series nothing', { fit }, []],
  [
    'of one whose samples come late by how much',
    { fit, late: { by: 180, scored: true } },
    ['Its samples come up to 3 min late: each step is scored when they have come.'],
  ],
  [
    'of one that is too late that it is not scored',
    { fit, late: { by: 3600, scored: false } },
    ['Its samples come more than an hour late: it is not scored.'],
  ],
  [
    'of one that comes seldom how often',
    { fit, sample_interval: 300 },
    ['A sample comes every 5 min only: a longer step would suit it.'],
  ],
  [
    'of an alarm since when and why',
    { fit, alarm: { kind: 'stuck', reason: 'It does not move as it usually does.', since: 1000 } },
    [`In alarm since ${at(1000)}. It does not move as it usually does.`],
  ],
  [
    'of a level shift that the new level is expected',
    { fit, level_shift: { time: 1000, expected: 'after', since: 8200 } },
    [
      `The level shifted at ${at(1000)}: the new level is expected since ${at(8200)}. If the series goes back within a week, so does the forecast.`,
    ],
  ],
  [
    'of one that was undone that the level from before is expected',
    { fit, level_shift: { time: 1000, expected: 'before', since: 9000 } },
    [`The level shifted at ${at(1000)} and shifted back: the level from before is expected again since ${at(9000)}.`],
  ],
  [
    'of a series without a forecast when it comes',
    { settling: { forecast: 1600, value: 2800 } },
    [
      `Learning: forecasts from ${minute(1600)} on. Until ${minute(2800)} only values very far from the forecast are alarms.`,
    ],
  ],
  ['of a young series that has forecasts nothing', { fit, settling: { stuck: 5000, drift: 9000 } }, []],
  [
    'of one that ended only that, and since when',
    { fit, state: 'ended', missing: { reason: 'gap', since: 700 }, settling: { drift: 9000 } },
    [`Ended: no sample has come since ${at(700)}.`],
  ],
  ['of a failed fit why', { fit, fit_error: 'too flat' }, ['The last fit failed: too flat']],
];
for (const [what, given, want] of cases) {
  test(`${what} is said`, () => assert.deepEqual(notesOf({ state: 'forecasting', ...given }), want));
}

test('what a young series is watched for later is a list with times', () => {
  const text = laterChecksText({ stuck: 5000, drift: 9000 });
  assert.equal(text, `stuck values from ${minute(5000)}, drift from ${minute(9000)}`);
  assert.equal(laterChecksText({ value: 5000 }), '');
});

test('what a model was trained on is said with the time that it covers', () => {
  assert.equal(trainingText({ ...fit, points: 240 }), '240 means of 1m, the last 4 h');
});

test('what a model knows is its trend and seasons, and when there will be more of them', () => {
  assert.equal(knowledgeText({ ...fit, seasons: ['daily', 'weekly'] }, undefined), 'trend, daily, weekly');
  assert.equal(
    knowledgeText(fit, { daily: 5000, weekly: 9000 }),
    `trend; the rhythm of a day from ${minute(5000)}; the rhythm of a week from ${minute(9000)}`,
  );
});
