import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClockTime } from '#src/calendar/clock-time.js';
import { CronTimes } from '#src/calendar/cron-times.js';
import { ExcludedTimes } from '#src/calendar/excluded-times.js';
import type { ExcludeSettings } from '#src/model/settings/excluded-times.js';
import { DAY, HOUR, MINUTE } from '../fixtures.js';

const at = (text: string) => Date.parse(text);

/** Times that are excluded, in a zone. */
function excluded(timezone: string, ...exclude: (Pick<ExcludeSettings, 'when'> & Partial<ExcludeSettings>)[]) {
  return new ExcludedTimes({
    timezone,
    exclude: exclude.map((times) => ({ name: 'x', alarms: false, learn: false, ...times })),
  });
}

const isExcluded = (times: ExcludedTimes, text: string) => times.at(at(text)).length > 0;

test('a time that is excluded once is one by the clock of the rule, from its beginning up to its end', () => {
  const when = {
    kind: 'once',
    from: parseClockTime('2026-11-27 08:00'),
    to: parseClockTime('2026-11-27 10:00'),
  } as const;
  const times = excluded('Europe/Berlin', { when });
  assert.deepEqual(
    ['06:59:59', '07:00:00', '08:59:59', '09:00:00'].map((time) => isExcluded(times, `2026-11-27T${time}Z`)),
    [false, true, true, false],
  );
  const inUtc = { kind: 'once', from: parseClockTime('2026-11-27T08:00:00Z'), to: when.to } as const;
  assert.ok(!isExcluded(excluded('Europe/Berlin', { when: inUtc }), '2026-11-27T07:30:00Z'));
});

test('a cron expression goes by the local clock, over both changes of summer time', () => {
  const times = excluded('Europe/Berlin', { when: { kind: 'cron', expression: '0 2 * * *', lengthMs: HOUR } });
  const cases: [text: string, want: boolean][] = [
    ['2026-01-10T01:30:00Z', true],
    ['2026-01-10T02:00:00Z', false],
    ['2026-07-10T00:30:00Z', true],
    ['2026-07-10T01:30:00Z', false],
    // 02:00 is skipped on 29 March: it comes when the clock would have shown it.
    ['2026-03-29T01:30:00Z', true],
    ['2026-10-25T00:30:00Z', true],
  ];
  for (const [text, want] of cases) assert.equal(isExcluded(times, text), want, text);
});

test('a time goes on over midnight, and over many days', () => {
  const times = excluded('UTC', { when: { kind: 'cron', expression: '0 22 * * 6', lengthMs: 30 * HOUR } });
  assert.deepEqual(
    ['2026-11-28T21:59:00Z', '2026-11-28T22:00:00Z', '2026-11-30T03:59:00Z', '2026-11-30T04:00:00Z'].map((text) =>
      isExcluded(times, text),
    ),
    [false, true, true, false],
  );
});

test('the days of a calendar are excluded from midnight to midnight', () => {
  const calendar = { name: 'works', days: [{ name: 'Stocktaking', from: '06-30', to: '06-30' }] };
  const times = excluded('America/New_York', { when: { kind: 'calendar', calendar } });
  assert.deepEqual(
    ['2026-06-30T03:59:00Z', '2026-06-30T04:00:00Z', '2026-07-01T03:59:00Z', '2026-07-01T04:00:00Z'].map((text) =>
      isExcluded(times, text),
    ),
    [false, true, true, false],
  );
});

test('times that are not learnt are merged where they touch, and those that are learnt are left out', () => {
  const from = at('2026-11-02T00:00:00Z');
  const times = excluded(
    'UTC',
    { when: { kind: 'cron', expression: '0 * * * *', lengthMs: HOUR } },
    { when: { kind: 'cron', expression: '0 12 * * *', lengthMs: 2 * HOUR }, learn: true },
  );
  assert.deepEqual(times.notLearnt(from + MINUTE, from + DAY - MINUTE), [{ fromMs: from, toMs: from + DAY }]);
  assert.equal(times.at(from + 12.5 * HOUR).length, 2);
});

test('CronTimes is of five fields, and says what is wrong', () => {
  const from = at('2026-02-01T00:00:00Z');
  assert.deepEqual(new CronTimes('0 0 29 2 *').between(from, from + 3 * 366 * DAY), [at('2028-02-29T00:00:00Z')]);
  assert.deepEqual(new CronTimes('30 6 * * mon').between(from, from + 8 * DAY), [at('2026-02-02T06:30:00Z')]);
  assert.deepEqual(
    new CronTimes('0 0 * * *').between(from, from + DAY),
    [from],
    'the beginning is in it, and the end is not',
  );
  for (const text of ['', '0 2 * *', '0 0 2 * * *', '61 * * * *', '@every 5m', 'x'])
    assert.throws(() => new CronTimes(text), /must be a cron expression of five fields/, text);
  assert.equal(new CronTimes('0 0 31 2 *').next(0), undefined);
});
