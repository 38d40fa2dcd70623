import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInstant } from '#src/backtest/input/instant.js';
import { UsageError } from '#src/lib/errors.js';

const NOW_MS = Date.UTC(2026, 0, 20, 12);

for (const [text, wanted] of [
  ['now', NOW_MS],
  ['-14d', Date.UTC(2026, 0, 6, 12)],
  ['-1h30m', Date.UTC(2026, 0, 20, 10, 30)],
  ['1767571200', Date.UTC(2026, 0, 5)],
  ['1767571200.5', Date.UTC(2026, 0, 5) + 500],
  ['2026-01-05', Date.UTC(2026, 0, 5)],
  ['2026-01-05T08:00:00Z', Date.UTC(2026, 0, 5, 8)],
  ['2026-01-05T08:00:00+02:00', Date.UTC(2026, 0, 5, 6)],
] as const) {
  test(`parseInstant() reads ${text}`, () => assert.equal(parseInstant(text, NOW_MS), wanted));
}

for (const text of ['yesterday', '', '14d', '-14 days', '05.01.2026', '2026-13-01']) {
  test(`parseInstant() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseInstant(text, NOW_MS), UsageError);
  });
}
