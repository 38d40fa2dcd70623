import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PLAIN_CALENDAR, RuleCalendar } from '#src/calendar/rule-calendar.js';
import { PastDays } from '#src/detect/ahead/past-days.js';
import { PastDaysPlan } from '#src/detect/ahead/past-days-plan.js';
import type { LevelShift } from '#src/model/samples/level-shift.js';
import type { RingView } from '#src/model/samples/ring-view.js';
import type { SpecialDaysSettings } from '#src/model/settings/special-days.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';

// A Sunday on which clocks in Berlin are set back.
const ORIGIN = Date.UTC(2026, 9, 25, 12);
const CALENDARS: readonly RuleCalendar[] = [
  PLAIN_CALENDAR,
  new RuleCalendar({ timezone: 'Europe/Berlin', specialDays: [] }),
  new RuleCalendar({
    timezone: 'Europe/Berlin',
    specialDays: [
      special({ kind: 'like', weekday: 0 }, ['2026-10-21', '2026-10-26']),
      special({ kind: 'ignore' }, ['2026-10-19']),
      special({ kind: 'learn' }, ['2026-10-14', '2026-10-27']),
    ],
  }),
];

function special(meaning: SpecialDaysSettings['meaning'], dates: readonly string[]): SpecialDaysSettings {
  const days = dates.map((date) => ({ name: meaning.kind, from: date.slice(5), to: date.slice(5) }));
  return { calendar: { name: 'c', days }, meaning, beforeMs: 0, afterMs: 0 };
}

function ring(values: readonly number[], widthMs: number, format: 'f32' | 'f64'): RingView {
  const bytes = format === 'f64' ? 8 : 4;
  const memory = new SharedArrayBuffer((values.length + 3) * bytes);
  const stored = format === 'f64' ? new Float64Array(memory) : new Float32Array(memory);
  stored.set(values, 3);
  const newestBucket = Math.floor(ORIGIN / widthMs) - 1;
  return { memory, byteOffset: 3 * bytes, capacity: values.length, format, base: 1000.1, widthMs, newestBucket };
}

test('a plan says at every time what the days before say of it one by one, to the bit, of any series', () => {
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
  );
  const shift: fc.Arbitrary<LevelShift> = fc.record({
    atMs: fc.integer({ min: 1, max: 400 }).map((hours) => ORIGIN - hours * HOUR),
    factor: fc.constantFrom(1, 0.5, 3),
    offset: fc.constantFrom(0, -7, 1e5),
    resetsHistory: fc.boolean(),
  });
  const options = fc.record({
    widthMs: fc.constantFrom(10 * MINUTE, HOUR, 7 * MINUTE),
    days: fc.integer({ min: 1, max: 16 }),
    format: fc.constantFrom('f32' as const, 'f64' as const),
    calendar: fc.constantFrom(...CALENDARS),
    spacingMs: fc.constantFrom(5 * MINUTE, 17 * MINUTE, 3 * HOUR),
    knownMs: fc.constantFrom(ORIGIN, ORIGIN - 5 * MINUTE, ORIGIN - DAY),
  });
  fc.assert(
    fc.property(
      options,
      fc.array(value, { minLength: 50, maxLength: 50 }),
      fc.array(shift, { maxLength: 2 }),
      ({ widthMs, days, format, calendar, spacingMs, knownMs }, some, shifts) => {
        const capacity = Math.floor((days * DAY) / widthMs);
        const times = Float64Array.from({ length: 40 }, (_, i) => ORIGIN + (i + 1) * spacingMs);
        const series = [0, 7].map((from) =>
          ring(
            Array.from({ length: capacity }, (_, i) => some[(i * 31 + from) % some.length]!),
            widthMs,
            format,
          ),
        );
        const plan = new PastDaysPlan(times, knownMs, series[0]!, calendar);
        for (const history of series) {
          const one = new PastDays(history, shifts, calendar);
          const { median, lastDay, sameWeekday } = plan.read(history, shifts);
          for (const [i, timeMs] of times.entries()) {
            const same = (a: number, b: number, what: string) =>
              assert.ok(Object.is(a, b), `${what} ${i}: ${a}, not ${b}`);
            same(median[i]!, one.median(timeMs, knownMs), 'median');
            same(lastDay[i]!, one.lastDay(timeMs, knownMs), 'last day');
            same(sameWeekday[i]!, one.sameWeekday(timeMs, knownMs), 'weekday');
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
