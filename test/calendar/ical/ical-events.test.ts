import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIcal } from '#src/calendar/ical/ical-events.js';

const YEARS = { first: 2025, last: 2027 };

function ical(...lines: readonly string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n');
}

function entry(...lines: readonly string[]): string {
  return ['BEGIN:VEVENT', 'UID:1', 'SUMMARY:x', ...lines, 'END:VEVENT'].join('\r\n');
}

/** `name from to`, local times without a Z. */
function read(text: string): string[] {
  const time = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  return readIcal(text, YEARS).map(({ name, fromMs, toMs, isLocal }) => {
    const suffix = isLocal ? '' : 'Z';
    return `${name} ${time(fromMs)}${suffix} ${time(toMs)}${suffix}`;
  });
}

test('an entry is the span between its start and its end', () => {
  const cases: [name: string, lines: string[], want: string[]][] = [
    ['a day', ['DTSTART;VALUE=DATE:20261003'], ['x 2026-10-03T00:00 2026-10-04T00:00']],
    [
      'several days',
      ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227'],
      ['x 2026-12-24T00:00 2026-12-27T00:00'],
    ],
    ['UTC', ['DTSTART:20261003T080000Z', 'DTEND:20261003T093000Z'], ['x 2026-10-03T08:00Z 2026-10-03T09:30Z']],
    ['a duration', ['DTSTART:20261003T080000', 'DURATION:P1DT2H'], ['x 2026-10-03T08:00 2026-10-04T10:00']],
    [
      'a zone in summer',
      ['DTSTART;TZID=Europe/Berlin:20260703T080000', 'DTEND;TZID=Europe/Berlin:20260703T100000'],
      ['x 2026-07-03T06:00Z 2026-07-03T08:00Z'],
    ],
    [
      'a zone with a prefix, in quotes',
      ['DTSTART;TZID="/mozilla.org/20050126_1/Europe/Berlin":20260103T080000', 'DURATION:PT1H'],
      ['x 2026-01-03T07:00Z 2026-01-03T08:00Z'],
    ],
    ['no length', ['DTSTART:20261003T080000Z'], []],
    ['cancelled', ['DTSTART;VALUE=DATE:20261003', 'STATUS:CANCELLED'], []],
    ['other years', ['DTSTART;VALUE=DATE:20241003'], []],
    [
      'more than a year, in pieces',
      ['DTSTART;VALUE=DATE:20260101', 'DTEND;VALUE=DATE:20270201'],
      ['x 2026-01-01T00:00 2026-12-31T00:00', 'x 2026-12-31T00:00 2027-02-01T00:00'],
    ],
  ];
  for (const [name, lines, want] of cases) assert.deepEqual(read(ical(entry(...lines))), want, name);
});

test('names are unfolded and unescaped', () => {
  const text = ical(
    ['BEGIN:VEVENT', 'SUMMARY;LANGUAGE=en:Works\\, holi', ' days\\nof all', 'DTSTART:20261003', 'END:VEVENT'].join(
      '\r\n',
    ),
  );
  assert.deepEqual(
    readIcal(text, YEARS).map(({ name }) => name),
    ['Works, holidays\nof all'],
  );
});

test('an entry recurs by its own clock within the years', () => {
  const starts = (...lines: string[]) => read(ical(entry(...lines))).map((text) => text.split(' ')[1]);
  assert.deepEqual(starts('DTSTART;VALUE=DATE:20101003', 'RRULE:FREQ=YEARLY'), [
    '2025-10-03T00:00',
    '2026-10-03T00:00',
    '2027-10-03T00:00',
  ]);
  // 08:00 in Berlin, over the change of 29 March; UNTIL is the last of them in UTC.
  const zone = ['DTSTART;TZID=Europe/Berlin:20260322T080000', 'DURATION:PT1H'];
  assert.deepEqual(starts(...zone, 'RRULE:FREQ=WEEKLY;UNTIL=20260405T060000Z'), [
    '2026-03-22T07:00Z',
    '2026-03-29T06:00Z',
    '2026-04-05T06:00Z',
  ]);
  assert.deepEqual(
    starts(...zone, 'RRULE:FREQ=WEEKLY;COUNT=3', 'EXDATE;TZID=Europe/Berlin:20260329T080000', 'RDATE:20260501T080000'),
    ['2026-03-22T07:00Z', '2026-04-05T06:00Z', '2026-05-01T06:00Z'],
  );
  assert.deepEqual(starts('DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20260301'), [
    '2026-01-01T00:00',
    '2026-01-30T00:00',
    '2026-02-27T00:00',
  ]);
});

test('an occurrence that was moved, or cancelled, is not where it was', () => {
  const weekly = entry('DTSTART;VALUE=DATE:20260601', 'RRULE:FREQ=WEEKLY;COUNT=3');
  const moved = entry('DTSTART;VALUE=DATE:20260610', 'RECURRENCE-ID;VALUE=DATE:20260608');
  const gone = entry('DTSTART;VALUE=DATE:20260615', 'RECURRENCE-ID;VALUE=DATE:20260615', 'STATUS:CANCELLED');
  assert.deepEqual(
    read(ical(weekly, moved, gone)).map((text) => text.split(' ')[1]),
    ['2026-06-01T00:00', '2026-06-10T00:00'],
  );
});

test('a time zone may be one that the calendar defines', () => {
  const zone = [
    'BEGIN:VTIMEZONE',
    'TZID:W. Europe Standard Time',
    ...['BEGIN:STANDARD', 'DTSTART:16010101T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100'],
    ...['RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10', 'END:STANDARD'],
    ...['BEGIN:DAYLIGHT', 'DTSTART:16010101T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200'],
    ...['RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3', 'END:DAYLIGHT'],
    'END:VTIMEZONE',
  ].join('\r\n');
  const event = (time: string) =>
    read(ical(zone, entry(`DTSTART;TZID=W. Europe Standard Time:${time}`, 'DURATION:PT1H')))[0];
  assert.equal(event('20250103T080000'), 'x 2025-01-03T07:00Z 2025-01-03T08:00Z');
  assert.equal(event('20260703T080000'), 'x 2026-07-03T06:00Z 2026-07-03T07:00Z');
  assert.equal(event('20261103T080000'), 'x 2026-11-03T07:00Z 2026-11-03T08:00Z');
});

test('what is no iCalendar, or too much of one, is refused', () => {
  const many = Array.from({ length: 501 }, () => entry('DTSTART:20260101', 'RRULE:FREQ=YEARLY'));
  const cases: [text: string, message: RegExp][] = [
    ['', /no VCALENDAR/],
    ['<!doctype html>\n<p>Log in</p>', /has a line "<!doctype html>"/],
    ['BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR', /VEVENT ends as VCALENDAR/],
    ['BEGIN:VCALENDAR\nBEGIN:VEVENT', /VEVENT does not end/],
    [ical(entry('DTSTART:20260230')), /has a time "20260230"/],
    [ical(entry('DTSTART:tomorrow')), /has a time "tomorrow"/],
    [ical(entry('DTSTART:20260101', 'DURATION:1d')), /has a duration "1d"/],
    [ical(entry('DTSTART:20260101', 'RRULE:FREQ=NEVER')), /has a recurrence "FREQ=NEVER"/],
    [
      ical(entry('DTSTART:20260101', 'RRULE:FREQ=SECONDLY')),
      /has a recurrence "FREQ=SECONDLY" that cannot be followed/,
    ],
    [ical(entry('DTSTART;TZID=Nowhere:20260101T000000', 'DURATION:PT1H')), /time zone "Nowhere"/],
    [ical(...many), /more than 500 entries that recur/],
    [ical(...many.slice(0, 8).map((text) => text.replace('YEARLY', 'DAILY'))), /more than 5000 entries/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => readIcal(text, YEARS), { name: 'UsageError', message }, text.slice(0, 80));
  }
});

test('a rule that never comes true ends', () => {
  const never = ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30'];
  for (const rule of never) {
    assert.deepEqual(read(ical(entry('DTSTART:20260101', `RRULE:${rule}`))), ['x 2026-01-01T00:00 2026-01-02T00:00']);
  }
});
