import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { configText, stepFor, trackedText } from '#src/try/files.js';
import { HOUR, MINUTE, SECOND } from '../fixtures.js';

test('a step has a sample at least, and is a minute where samples are closer', () => {
  assert.deepEqual([15 * SECOND, MINUTE, 90 * SECOND, 5 * MINUTE, 7 * HOUR].map(stepFor), [
    MINUTE,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    HOUR,
  ]);
});

test('the configuration for a Prometheus with a login below a path is valid, and has no password', () => {
  const tracked = trackedText([makeLabels({ __name__: 'load', host: 'a "b"\\c' })], [], MINUTE);
  const text = configText(new URL('https://ann:s3cret@example.org/prom/'), tracked);
  assert.doesNotMatch(text, /s3cret/);
  const { remoteWrite, remoteRead, rules: parsed } = parseConfig(text, '.');
  assert.equal(remoteWrite[0]!.url, 'https://example.org/prom/api/v1/write');
  assert.equal(remoteRead[0]!.credentials.basicAuth?.username, 'ann');
  assert.deepEqual(parsed[0]!.selectors, [
    [
      { name: '__name__', type: '=', value: 'load' },
      { name: 'host', type: '=', value: 'a "b"\\c' },
    ],
  ]);
});

test('expressions become queries, which need no line in prometheus.yml', () => {
  const tracked = trackedText([], [{ record: 'try:sum_up', expression: 'sum(up)' }], 5 * MINUTE);
  const text = configText(new URL('http://localhost:9090'), tracked);
  assert.doesNotMatch(text, /prometheus\.yml/);
  const { rules, querySources } = parseConfig(text, '.');
  assert.deepEqual([rules[0]!.name, rules[0]!.query!.expression], ['try:sum_up', 'sum(up)']);
  assert.equal(querySources[0]!.url, 'http://localhost:9090/api/v1/query_range');
});
