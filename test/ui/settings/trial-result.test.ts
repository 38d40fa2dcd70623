import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopeText, verdictText } from '#src/ui/settings/trial-result.js';

const before = { step: 600, alarms: 12, alarms_per_week: 12 };
const after = { step: 3_600, alarms: 3, alarms_per_week: 3.04 };

const week = 604_800;

test('the verdict is alarms a week, before and after', () => {
  assert.equal(verdictText({ before, after, tracked: week }), '12.0 → 3.0 alarms a week');
});

test('of less than a week it is alarms, not a rate', () => {
  const side = (alarms: number) => ({ step: 60, alarms, alarms_per_week: null });
  assert.equal(
    verdictText({ before: side(2), after: side(0), tracked: 3_600 }),
    '2 → 0 alarms in 60 min; too short to say a weekly rate',
  );
});

test('says what was replayed, and of how many', () => {
  const preview = { days: 7, series: 20, matched: 1_340, tracked: week, before, after };
  assert.equal(
    scopeText(preview),
    'The last 7 d of 20 of 1,340 series, those with the most alarms, replayed in steps of 10m and 1h from the history in memory.',
  );
  assert.equal(
    scopeText({ ...preview, series: 1, matched: 1, after: before }),
    'The last 7 d of 1 series, replayed in steps of 10m from the history in memory.',
  );
});
