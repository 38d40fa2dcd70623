import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedLabels } from '#src/ui/list/shared-labels.js';

test('labels that all series have with one value are shared, those that one lacks or has otherwise are not', () => {
  const series = [
    { metric: { __name__: 'm', job: 'j', host: 'a', zone: 'z' } },
    { metric: { __name__: 'm', job: 'j', host: 'b', zone: 'z' } },
    { metric: { __name__: 'm', job: 'j', host: 'b' } },
  ];
  assert.deepEqual([...sharedLabels(series)], ['job']);
});

test('a single series shares nothing', () => {
  assert.deepEqual([...sharedLabels([{ metric: { __name__: 'm', job: 'j' } }]), ...sharedLabels([])], []);
});
