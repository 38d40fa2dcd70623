import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { nearMiss } from '#src/model/settings/near-miss.js';

const series = [
  makeLabels({ __name__: 'node_cpu_seconds_total', job: 'node' }),
  makeLabels({ __name__: 'up', job: 'prometheus' }),
];
const rulesOf = (...match: string[]) => parseConfig(JSON.stringify({ rules: [{ name: 'r', match }] }), '.').rules;

const cases: readonly (readonly [match: string[], want: object | undefined])[] = [
  [
    ['node_cpu_second_total'],
    { rule: 'r', label: '__name__', wanted: 'node_cpu_second_total', found: 'node_cpu_seconds_total' },
  ],
  [['{job="nodes"}'], { rule: 'r', label: 'job', wanted: 'nodes', found: 'node' }],
  [['{__name__=~"node_.+", job="promeheus"}'], { rule: 'r', label: 'job', wanted: 'promeheus', found: 'prometheus' }],
  [['http_requests_total'], undefined],
  [['{__name__=~"nodes_.+"}'], undefined],
  [['up{job="node"}'], undefined],
];
for (const [match, want] of cases) {
  test(`nearMiss() finds ${want === undefined ? 'no' : 'the'} typo in ${match}`, () => {
    assert.deepEqual(nearMiss(rulesOf(...match), series), want);
  });
}
