import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { calendarOf, PLAIN_CALENDAR, RuleCalendar } from '#src/calendar/rule-calendar.js';
import { UTC_CLOCK } from '#src/calendar/season-clock.js';
import type { SpecialDaysSettings } from '#src/model/settings/special-days.js';
import { DAY, HOUR } from '../fixtures.js';

const at = Date.parse;
const SUNDAY = { kind: 'like', weekday: 0 } as const;
const IGNORE = { kind: 'ignore' } as const;
const LEARN = { kind: 'learn' } as const;

function special(
  meaning: SpecialDaysSettings['meaning'],
  days: readonly (readonly [name: string, from: string, to?: string])[],
  around: { beforeMs?: number; afterMs?: number } = {},
): SpecialDaysSettings {
  const calendar = { name: 'c', days: days.map(([name, from, to = from]) => ({ name, from, to })) };
  return { calendar, meaning, beforeMs: 0, afterMs: 0, ...around };
}

function berlin(...specialDays: SpecialDaysSettings[]): RuleCalendar {
  return new RuleCalendar({ timezone: 'Europe/Berlin', specialDays });
}

test('at() knows a special day from local midnight to local midnight', () => {
  const calendar = berlin(special(SUNDAY, [['German Unity Day', '10-03']]));
  const [from, to] = [at('2025-10-02T22:00Z'), at('2025-10-03T22:00Z')];
  assert.equal(calendar.at(from)?.name, 'German Unity Day');
  assert.equal(calendar.at(to - 1)?.name, 'German Unity Day');
  assert.equal(calendar.at(from - 1), undefined);
  assert.equal(calendar.at(to), undefined);
  assert.equal(calendar.at(at('2031-10-03T12:00Z'))?.name, 'German Unity Day');
  assert.equal(PLAIN_CALENDAR.at(from), undefined);
});

test('a day on which the clock is changed is 23 or 25 hours long', () => {
  const calendar = berlin(
    special(IGNORE, [
      ['spring', '2026-03-29'],
      ['autumn', '2026-10-25'],
    ]),
  );
  const lengths = calendar.ignoredSpans(at('2026-01-01'), at('2027-01-01')).map(({ fromMs, toMs }) => toMs - fromMs);
  assert.deepEqual(lengths, [23 * HOUR, 25 * HOUR]);
});

test('each day of a range is like a Sunday, with the evening before as that of a Saturday', () => {
  const calendar = berlin(
    special(SUNDAY, [['Christmas', '2026-12-24', '2026-12-26']], { beforeMs: 6 * HOUR, afterMs: 2 * HOUR }),
  );
  const weekdays = [
    '2026-12-23T12:00Z',
    '2026-12-23T18:00Z',
    '2026-12-24T12:00Z',
    '2026-12-26T12:00Z',
    '2026-12-26T23:30Z',
  ];
  assert.deepEqual(
    weekdays.map((time) => calendar.weekday(at(time))),
    // Wednesday, its evening, Thursday and Saturday as Sundays, and the first hours of a Monday.
    [3, 6, 0, 0, 1],
  );
});

test('of two calendars the one that the rule names first holds', () => {
  const calendar = berlin(
    special(IGNORE, [['stocktaking', '2026-10-02', '2026-10-03']]),
    special(SUNDAY, [['unity', '10-03']]),
  );
  assert.equal(calendar.at(at('2026-10-03T10:00Z'))?.name, 'stocktaking');
  assert.equal(calendar.at(at('2027-10-03T10:00Z'))?.name, 'unity');
});

test('at() says the same whatever was asked before', () => {
  const days = [
    special(
      SUNDAY,
      [
        ['a', '10-03'],
        ['b', '12-31', '01-02'],
      ],
      { beforeMs: 5 * HOUR },
    ),
    special(IGNORE, [['c', '10-02', '10-04']]),
  ];
  const asked = berlin(...days);
  fc.assert(
    fc.property(fc.integer({ min: at('2025-12-20') / HOUR, max: at('2027-01-10') / HOUR }), (hour) => {
      assert.deepEqual(asked.at(hour * HOUR), berlin(...days).at(hour * HOUR));
    }),
  );
});

test('a special day is known by days like it, an ordinary day by ordinary ones', () => {
  const calendar = berlin(special(SUNDAY, [['unity', '2025-10-03']]), special(IGNORE, [['stocktaking', '2025-09-30']]));
  const noon = (day: number) => at('2025-09-30T10:00Z') + day * DAY;
  // Stocktaking is on Tuesday the 30th, the holiday on a Friday, the Sundays are the 28th and the 5th.
  assert.equal(calendar.speaksFor(noon(-2), noon(3)), true, 'Sunday for the holiday');
  assert.equal(calendar.speaksFor(noon(2), noon(3)), false, 'Thursday for the holiday');
  assert.equal(calendar.speaksFor(noon(3), noon(4)), false, 'the holiday for Saturday');
  assert.equal(calendar.speaksFor(noon(0), noon(1)), false, 'stocktaking for Wednesday');
  assert.equal(calendar.speaksFor(noon(1), noon(2)), true, 'Wednesday for Thursday');
});

test('forFit() moves special days to the nearest day of the week they are like', () => {
  const { clock } = berlin(special(SUNDAY, [['unity', '2025-10-03']])).forFit(at('2025-09-20'), at('2025-10-10'));
  assert.deepEqual(
    [...clock],
    [-Infinity, 2 * HOUR, 0, at('2025-10-02T22:00Z'), 2 * HOUR, 2 * DAY, at('2025-10-03T22:00Z'), 2 * HOUR, 0],
  );
  const plain = new RuleCalendar({ timezone: 'UTC', specialDays: [special(IGNORE, [['a', '10-03']])] });
  assert.equal(plain.forFit(at('2025-09-20'), at('2025-10-10')).clock, UTC_CLOCK);
});

test('calendarOf() is the same object for the same settings', () => {
  const settings = { timezone: 'UTC', specialDays: [] };
  assert.equal(calendarOf(settings), calendarOf(settings));
});

/** The columns of days that are learnt, with their spans as hours of UTC. */
function columnsOf(calendar: RuleCalendar, from: string, to: string): [name: string, ...spans: string[]][] {
  const { holidays = [] } = calendar.forFit(at(from), at(to));
  const hour = (ms: number) => new Date(ms).toISOString().slice(0, 13);
  return holidays.map(({ name, spans }) => [name, ...Array.from(spans, hour)]);
}

test('days that are learnt are columns by name, and by day before and after them', () => {
  const calendar = berlin(
    special(
      LEARN,
      [
        ['party', '2026-03-28'],
        ['party', '2026-10-24'],
        ['audit', '2026-06-01', '2026-06-03'],
      ],
      { beforeMs: 6 * HOUR, afterMs: 2 * DAY },
    ),
  );
  assert.deepEqual(columnsOf(calendar, '2026-01-01', '2026-12-31'), [
    ['party', '2026-03-27T23', '2026-03-28T23', '2026-10-23T22', '2026-10-24T22'],
    ['party_-1', '2026-03-27T17', '2026-03-27T23', '2026-10-23T16', '2026-10-23T22'],
    // The days on which the clock is changed have 23 and 25 hours.
    ['party_+1', '2026-03-28T23', '2026-03-29T22', '2026-10-24T22', '2026-10-25T23'],
    ['party_+2', '2026-03-29T22', '2026-03-30T22', '2026-10-25T23', '2026-10-26T23'],
    ['audit', '2026-05-31T22', '2026-06-03T22'],
    ['audit_-1', '2026-05-31T16', '2026-05-31T22'],
    ['audit_+1', '2026-06-03T22', '2026-06-04T22'],
    ['audit_+2', '2026-06-04T22', '2026-06-05T22'],
  ]);
  assert.deepEqual(columnsOf(calendar, '2026-03-30', '2026-04-01'), [['party_+2', '2026-03-29T22', '2026-03-30T22']]);
  assert.deepEqual(columnsOf(calendar, '2025-01-01', '2025-12-31'), []);
  assert.equal(PLAIN_CALENDAR.forFit(0, DAY).holidays, undefined);
});

test('two calendars with another prior scale are columns of their own', () => {
  const days = [['party', '2026-03-28']] as const;
  const calendar = berlin(special(LEARN, days), special({ ...LEARN, priorScale: 2 }, days));
  const { holidays = [] } = calendar.forFit(at('2026-01-01'), at('2026-12-31'));
  assert.deepEqual(
    holidays.map(({ name, priorScale }) => [name, priorScale]),
    [
      ['party', undefined],
      ['party', 2],
    ],
  );
});

test('a day that is learnt is known by days of its name, and speaks for no other', () => {
  const calendar = berlin(
    special(LEARN, [
      ['party', '2026-03-10'],
      ['party', '2026-03-20'],
      ['audit', '2026-03-15'],
    ]),
  );
  const noon = (day: number) => at(`2026-03-${day}T12:00Z`);
  assert.equal(calendar.learns(noon(20)), true);
  assert.equal(calendar.speaksFor(noon(10), noon(20)), true);
  assert.equal(calendar.speaksFor(noon(15), noon(20)), false);
  assert.equal(calendar.speaksFor(noon(13), noon(20)), false);
  assert.equal(calendar.speaksFor(noon(10), noon(21)), false);
});
