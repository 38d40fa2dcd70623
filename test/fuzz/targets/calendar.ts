import assert from 'node:assert/strict';
import { readIcal } from '#src/calendar/ical/ical-events.js';
import { UsageError } from '#src/lib/errors.js';
import type { FuzzTarget } from '../fuzz.js';
import { refusing, text, textOf } from './input.js';

/** Calendars of others. */
export const CALENDAR_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'ical',
    files: [
      'calendar/ical/ical-document',
      'calendar/ical/ical-events',
      'calendar/ical/ical-time',
      'calendar/ical/ical-zones',
    ],
    seeds: text(
      'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Europe/Berlin:20260105T090000\r\nDURATION:PT2H\r\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=9\r\nEXDATE:20260112T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:b\nSUMMARY:a\\,b\n c\nDTSTART;VALUE=DATE:20260301\nDTEND;VALUE=DATE:20260303\nEND:VEVENT\nEND:VCALENDAR\n',
    ),
    tokens: text(
      'RRULE:FREQ=DAILY;',
      'INTERVAL=',
      'UNTIL=20270101T000000Z',
      'BYMONTHDAY=-1',
      'RECURRENCE-ID:',
      'RDATE:',
      'TZID=',
      'PT1H',
      '99991231T235959Z',
      'STATUS:CANCELLED',
      '\r\n',
      ';',
    ),
    run(input) {
      const years = { first: 2026, last: 2027 };
      refusing([UsageError], () => {
        for (const { fromMs, toMs } of readIcal(textOf(input), years)) assert.ok(fromMs < toMs);
      });
    },
  },
];
