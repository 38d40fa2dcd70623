import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedDaysIn, parseDate } from '#src/calendar/named-days.js';

const day = (text: string) => Date.parse(`${text}T00:00Z`);

function spanIn(year: number, from: string, to = from): string[] {
  return namedDaysIn({ name: 'a', from, to }, year).map(
    ({ fromLocalMs, toLocalMs }) =>
      `${new Date(fromLocalMs).toISOString().slice(0, 10)} ${new Date(toLocalMs).toISOString().slice(0, 10)}`,
  );
}

test('parseDate() takes a day of one year or of every year, and refuses days that there are not', () => {
  assert.deepEqual(parseDate('2026-12-24'), { year: 2026, month: 12, day: 24 });
  assert.deepEqual(parseDate('02-29'), { year: undefined, month: 2, day: 29 });
  for (const text of ['2026-02-29', '02-30', '13-01', '00-10', '12-00', '2026-12', '24.12.', '2026-12-24T00:00', ''])
    assert.throws(() => parseDate(text), { name: 'UsageError', message: /must be a date such as/ }, text);
});

test('namedDaysIn() ends a day where the next one begins', () => {
  assert.deepEqual(namedDaysIn({ name: 'Christmas Eve', from: '12-24', to: '12-24' }, 2026), [
    { name: 'Christmas Eve', fromLocalMs: day('2026-12-24'), toLocalMs: day('2026-12-25') },
  ]);
});

test('namedDaysIn() has days of their year alone, yearly ones of any, and ranges over the end of a year', () => {
  assert.deepEqual(spanIn(2025, '2026-12-24'), []);
  assert.deepEqual(spanIn(2026, '2026-11-23', '2026-11-27'), ['2026-11-23 2026-11-28']);
  assert.deepEqual(spanIn(2026, '2026-12-30', '2027-01-02'), ['2026-12-30 2027-01-03']);
  assert.deepEqual(spanIn(2026, '12-30', '01-02'), ['2026-12-30 2027-01-03']);
  assert.deepEqual(spanIn(2026, '2026-11-27', '2026-11-23'), []);
});

test('namedDaysIn() leaves out 29 February where there is none', () => {
  assert.deepEqual(spanIn(2028, '02-29'), ['2028-02-29 2028-03-01']);
  assert.deepEqual(spanIn(2026, '02-29'), []);
  assert.deepEqual(spanIn(2026, '02-27', '02-29'), ['2026-02-27 2026-03-01']);
});
