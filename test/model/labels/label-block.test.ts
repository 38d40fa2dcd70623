import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeLabelBlock, encodeLabelBlock, LabelError } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('encodeLabelBlock() writes the bytes Prometheus writes', () => {
  // {__name__="up", job="a"} as prompb.TimeSeries marshals its labels.
  const golden = hex('0a0e 0a085f5f6e616d655f5f 12027570 0a08 0a036a6f62 120161');
  const labels = makeLabels({ job: 'a', __name__: 'up' });
  assert.deepEqual(encodeLabelBlock(labels), golden);
  assert.deepEqual(decodeLabelBlock(golden), labels);
});

test('decodeLabelBlock() returns what encodeLabelBlock() was given, for any labels', () => {
  const anyLabels = fc.dictionary(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.string({ unit: 'grapheme', maxLength: 300, minLength: 1 }),
    { minKeys: 1 },
  );
  fc.assert(
    fc.property(anyLabels, (record) => {
      const labels = makeLabels(Object.entries(record));
      assert.deepEqual(decodeLabelBlock(encodeLabelBlock(labels)), labels);
    }),
  );
});

test('decodeLabelBlock() keeps a byte order mark and a replacement character', () => {
  const labels = makeLabels({ __name__: '\ufeffm', a: '\ufffd' });
  assert.deepEqual(decodeLabelBlock(encodeLabelBlock(labels)), labels);
});

test('decodeLabelBlock() refuses bytes and labels that no series may have', () => {
  const cases: [name: string, block: string, message: RegExp][] = [
    ['no labels', '', /no labels/],
    ['only an empty value', '0a05 0a0161 1200', /no labels/],
    ['an empty name', '0a05 0a00 120161', /name is empty/],
    ['a duplicate name', '0a06 0a0161 120162 0a06 0a0161 120163', /duplicate label "a"/],
    ['text that is not UTF-8', '0a06 0a01ff 120162', /UTF-8/],
    ['a label that runs over the end', '0a07 0a0161 120162', /beyond its end/],
    ['a name that runs over its label', '0a06 0a0761 120162', /beyond its end/],
    ['a length that never ends', '0affffffffff', /bad length/],
    ['another field', '1206 0a0161 120162', /unexpected field/],
  ];
  for (const [name, block, message] of cases) {
    assert.throws(
      () => decodeLabelBlock(hex(block)),
      (error) => error instanceof LabelError && message.test(error.message),
      name,
    );
  }
});
