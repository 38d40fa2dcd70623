import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const SRC = join(import.meta.dirname, '../../../src');
const ROOM = 'engine/series';

/** What each of these files owns: the fields of `TrackedSeries` that it alone assigns, their initial values aside. */
const OWNED: Readonly<Record<string, readonly string[]>> = {
  'arrival-state.ts': ['arrivedUntilMs', 'latestSteps', 'earliestSteps', 'promptArrivals'],
  'fit-state.ts': [
    'model',
    'modelBefore',
    'fit',
    'fitError',
    'fitFailures',
    'fittedUntilMs',
    'fittedSpanMs',
    'fittedWith',
  ],
  'history-state.ts': ['incompleteFromMs'],
  'level-state.ts': ['levelShifts', 'levelAcceptedAtMs', 'openShift', 'excludedSpans'],
  'presence-state.ts': ['lastSampleMs', 'missing', 'lastMissingMs', 'presentSinceMs'],
  'publish-state.ts': ['lastForecastMs', 'lastScoreMs', 'published', 'publishedKind', 'futureUntilMs'],
  'score-state.ts': ['scoredUntilMs', 'score', 'deviation', 'combination', 'driftHours', 'hasJudged'],
  'crossings-state.ts': ['crossings'],
};

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.startsWith('ui/'))
  .map((path) => ({ path, text: readFileSync(join(SRC, path), 'utf8') }));

/** Whether a text assigns a field of an object other than `this`. */
function assigns(text: string, field: string): boolean {
  const target = String.raw`(?<!\bthis)\.${field}`;
  const assignment = String.raw`${target}(?:\s*(?:\*\*|>>>|<<|>>|&&|\|\||\?\?|[-+*/%&|^])?=(?![=>])|\s*\+\+|\s*--)`;
  return new RegExp(String.raw`${assignment}|(?:\+\+|--)[\w.!]+${target}`).test(text);
}

/** The fields of the class that are not readonly. */
function mutableFields(): string[] {
  const { text } = FILES.find(({ path }) => path === `${ROOM}/tracked-series.ts`)!;
  return [...text.matchAll(/^ {2}(\w+)(?:: [^(]| =|:$)/gm)].map(([, name]) => name!);
}

test('every field of a tracked series that changes has an owner', () => {
  assert.deepEqual(mutableFields().sort(), Object.values(OWNED).flat().sort());
});

for (const [owner, fields] of Object.entries(OWNED)) {
  for (const field of fields) {
    test(`${field} of a tracked series is assigned in ${owner} alone`, () => {
      const writers = FILES.filter(({ text }) => assigns(text, field)).map(({ path }) => path);
      assert.deepEqual(writers, [`${ROOM}/${owner}`]);
    });
  }
}

test('an assignment is found in whatever form, and nothing else is taken for one', () => {
  for (const text of ['a.score = 1', 'a.b.score ??= 1', 'a.score++', 'a!.score -= 2', '--a.score', 'a.score\n = 1'])
    assert.ok(assigns(text, 'score'), text);
  for (const text of ['this.score = 1', 'a.score === 1', 'a.score >= 1', 'f(a.score) = b', 'a.scores = 1', 'score = 1'])
    assert.ok(!assigns(text, 'score'), text);
});
