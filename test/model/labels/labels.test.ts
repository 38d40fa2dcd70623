import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareUtf8, formatLabels, makeLabels } from '#src/model/labels/labels.js';

test('compareUtf8() orders as the bytes do, surrogates too', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}') });
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareUtf8(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 1000 },
  );
});

test('makeLabels() sorts, drops empty values and refuses what no series may have', () => {
  assert.deepEqual(makeLabels({ job: 'a', __name__: 'up', empty: '', B: 'c' }), [
    { name: 'B', value: 'c' },
    { name: '__name__', value: 'up' },
    { name: 'job', value: 'a' },
  ]);
  assert.throws(() => makeLabels({ '': 'a' }), /a label name is empty/);
  assert.throws(
    () =>
      makeLabels([
        ['a', '1'],
        ['a', '2'],
      ]),
    /duplicate label "a"/,
  );
});

test('formatLabels() writes a series as PromQL does', () => {
  const cases: [labels: Record<string, string>, want: string][] = [
    [{ __name__: 'up' }, 'up'],
    [{ __name__: 'up', job: 'a', b: 'say "hi"\n\\' }, String.raw`up{b="say \"hi\"\n\\", job="a"}`],
    [{ __name__: 'süß', 'a.b': '1' }, '{"süß", "a.b"="1"}'],
    [{ job: 'a' }, '{job="a"}'],
  ];
  for (const [labels, want] of cases) assert.equal(formatLabels(makeLabels(labels)), want);
});
