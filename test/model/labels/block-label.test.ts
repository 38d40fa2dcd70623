import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockLabelValue } from '#src/model/labels/block-label.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { labelValue, makeLabels } from '#src/model/labels/labels.js';

const LABELS = makeLabels({
  __name__: 'node_load1',
  instance: 'web-1:9100',
  instances: 'another name',
  'größe.µ': 'äöü',
  long: 'x'.repeat(300),
  ['n'.repeat(200)]: 'of a long name',
});

test('blockLabelValue reads what labelValue does, of labels that are there and of some that are not', () => {
  const block = encodeLabelBlock(LABELS);
  const names = [...LABELS.map(({ name }) => name), '', 'i', 'instanc', 'instancet', 'größe', 'z'];
  for (const name of names) assert.equal(blockLabelValue(block, Buffer.from(name)), labelValue(LABELS, name), name);
});
