import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MarkerChange } from '#src/markers/marker-event.js';
import { changeText } from '#src/markers/marker-text.js';

const cases: [metric: string, changes: MarkerChange[], text: string][] = [
  ['build_info', [{ label: 'version', from: '1.2', to: '1.3' }], 'build_info{version} changed from 1.2 to 1.3'],
  ['build_info', [{ label: 'version', from: '', to: '1.3' }], 'build_info{version} changed from "" to 1.3'],
  [
    'build_info',
    [
      { label: 'version', from: '1.2', to: '1.3' },
      { label: 'revision', from: 'a', to: 'b' },
    ],
    'build_info{version, revision} changed from 1.2, a to 1.3, b',
  ],
  ['generation', [{ from: '7', to: '8' }], 'generation changed from 7 to 8'],
  ['process_start_time_seconds', [{ from: '1.7e9', to: '1.8e9' }], 'process_start_time_seconds changed'],
];
for (const [metric, changes, text] of cases) {
  test(`changeText() says "${text}"`, () => {
    assert.equal(changeText({ marker: 'm', metric, timeMs: 0, labels: [], changes }), text);
  });
}
