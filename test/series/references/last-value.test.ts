import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeLabels } from '#src/model/labels/labels.js';
import { SampleOutcome } from '#src/model/samples/write-sink.js';
import { formatLastValue, LastValue, parseLastValue } from '#src/series/references/last-value.js';
import { T0 } from '../fixture.js';

const LABELS = makeLabels({ __name__: 'size', instance: 'a"\\\n' });

test('a last value is that of the newest sample that has one', () => {
  const last = new LastValue(LABELS, 0);
  assert.equal(last.append(T0, 5), SampleOutcome.stored);
  assert.equal(last.append(T0, 6), SampleOutcome.duplicate);
  assert.equal(last.append(T0 - 1, 6), SampleOutcome.late);
  assert.equal(last.append(T0 + 1, Number.POSITIVE_INFINITY), SampleOutcome.notFinite);
  assert.deepEqual([last.value, last.timeMs, last.isEnded], [5, T0, false]);
});

test('a stale marker ends it, and the next sample begins it again', () => {
  const last = new LastValue(LABELS, 0);
  last.append(T0, 5);
  assert.equal(last.appendStale(T0 - 1), SampleOutcome.late);
  assert.equal(last.isEnded, false);
  assert.equal(last.appendStale(T0 + 1), SampleOutcome.stored);
  assert.equal(last.isEnded, true);
  last.append(T0 + 2, 7);
  assert.deepEqual([last.value, last.isEnded], [7, false]);
});

test('parseLastValue() reads what formatLastValue() wrote, whatever its labels', () => {
  const last = new LastValue(LABELS, 3);
  last.append(T0, 0.1);
  last.appendStale(T0 + 1);
  const line = formatLastValue(last);
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.deepEqual(parseLastValue(line, 3), last);
});

test('parseLastValue() refuses anything else', () => {
  const name = { __name__: 'size' };
  for (const read of [{}, [], [name], [name, 1, 'x', false], [name, 1, 1], [{ a: 1 }, 1, 1, true], [null, 1, 1, true]])
    assert.throws(() => parseLastValue(JSON.stringify(read), 0), SyntaxError, JSON.stringify(read));
  assert.throws(() => parseLastValue('{', 0), SyntaxError);
});
