import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSeverity } from '#src/engine/publish/severity-label.js';
import { decodeLabelBlock } from '#src/model/labels/label-block.js';
import { formatLabels, makeLabels } from '#src/model/labels/labels.js';

const LABELS = makeLabels({ __name__: 'm', job: 'shop', zone: 'b' });

test('a page is a label among those of the series, and a ticket is none', () => {
  const labels = decodeLabelBlock(withSeverity(LABELS, 'page')!);
  assert.equal(formatLabels(labels), 'm{job="shop", sentio_severity="page", zone="b"}');
  assert.equal(withSeverity(LABELS, 'ticket'), undefined);
});

test('a source that says itself how severe its alarms are is right', () => {
  assert.equal(withSeverity(makeLabels({ __name__: 'm', sentio_severity: 'none' }), 'page'), undefined);
});
