import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const SRC = join(import.meta.dirname, '../../../src');

/** The only files that assign a field of `TrackedSeries`, its initial value and its inheritance in the class itself aside. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  // A level shift moves the model.
  model: ['engine/series/fit-state.ts', 'engine/series/level-state.ts'],
  fit: ['engine/series/fit-state.ts'],
  fitError: ['engine/series/fit-state.ts'],
  fitFailures: ['engine/series/fit-state.ts'],
  fittedUntilMs: ['engine/series/fit-state.ts'],
  fittedSpanMs: ['engine/series/fit-state.ts'],
  fittedWith: ['engine/series/fit-state.ts'],
  levelShifts: ['engine/series/level-state.ts'],
  levelAcceptedAtMs: ['engine/series/level-state.ts'],
  openShift: ['engine/series/level-state.ts'],
  excludedSpans: ['engine/series/level-state.ts'],
  missing: ['engine/publish/missing-series.ts'],
  lastSampleMs: ['engine/publish/missing-series.ts'],
  lastMissingMs: ['engine/publish/missing-series.ts'],
};

/** Files of src/ in which `field` of an object other than `this` is assigned. */
function writersOf(field: string): string[] {
  const assignment = new RegExp(String.raw`(?<!\bthis)\.${field}(?:\s*(?:[-+*/%]|\?\?|&&|\|\|)?=(?![=>])|\+\+|--)`);
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.startsWith('ui/') && !path.includes('node_modules'))
    .filter((path) => assignment.test(readFileSync(join(SRC, path), 'utf8')));
}

for (const [field, owners] of Object.entries(OWNERS)) {
  test(`${field} of a tracked series is assigned by its owner alone`, () => {
    assert.deepEqual(writersOf(field).sort(), [...owners].sort());
  });
}
