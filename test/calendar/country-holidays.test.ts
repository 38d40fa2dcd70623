import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holidaysOf, isKnownCountry } from '#src/calendar/country-holidays.js';
import { DAY } from '../fixtures.js';

const PUBLIC = ['public'];

function datesOf(code: string, region: string | undefined, types: readonly string[], year: number): string[] {
  return holidaysOf({ code, ...(region && { region }), types }, year).map(
    ({ fromLocalMs, name }) => `${new Date(fromLocalMs).toISOString()} ${name}`,
  );
}

test('holidaysOf() has the public holidays of a country, at midnight of its own days, in order', () => {
  assert.deepEqual(datesOf('DE', undefined, PUBLIC, 2026), [
    "2026-01-01T00:00:00.000Z New Year's Day",
    '2026-04-03T00:00:00.000Z Good Friday',
    '2026-04-06T00:00:00.000Z Easter Monday',
    '2026-05-01T00:00:00.000Z Labour Day',
    '2026-05-14T00:00:00.000Z Ascension Day',
    '2026-05-25T00:00:00.000Z Whit Monday',
    '2026-10-03T00:00:00.000Z National Holiday',
    '2026-12-25T00:00:00.000Z Christmas Day',
    '2026-12-26T00:00:00.000Z Boxing Day',
  ]);
});

test('a region has holidays of its own, and other kinds are there for the asking', () => {
  const corpusChristi = '2026-06-04T00:00:00.000Z Corpus Christi';
  assert.ok(datesOf('DE', 'BY', PUBLIC, 2026).includes(corpusChristi));
  assert.ok(!datesOf('DE', 'BE', PUBLIC, 2026).includes(corpusChristi));
  assert.ok(datesOf('US', undefined, ['observance'], 2026).includes("2026-02-14T00:00:00.000Z Valentine's Day"));
  assert.ok(!datesOf('US', undefined, PUBLIC, 2026).join().includes('Valentine'));
});

test('a holiday is whole days, also where it begins at sunset', () => {
  for (const { name, fromLocalMs, toLocalMs } of holidaysOf({ code: 'IL', types: PUBLIC }, 2026)) {
    assert.equal(fromLocalMs % DAY, 0, name);
    assert.equal((toLocalMs - fromLocalMs) % DAY, 0, name);
    assert.ok(toLocalMs > fromLocalMs, name);
  }
});

test('isKnownCountry() knows countries, their regions and parts of these', () => {
  assert.equal(isKnownCountry('DE'), true);
  assert.equal(isKnownCountry('DE', 'BY'), true);
  assert.equal(isKnownCountry('DE', 'BY-A'), true);
  for (const [code, region] of [['XX'], ['de'], ['DE', 'XX'], ['DE', 'BY-X'], ['DE', ''], ['__proto__']] as const)
    assert.equal(isKnownCountry(code, region), false, `${code} ${region}`);
});
