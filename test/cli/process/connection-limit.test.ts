import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionRoom, descriptorsOf, parseMaxConnections } from '#src/cli/process/connection-limit.js';
import { UsageError } from '#src/lib/errors.js';

test('connections leave descriptors in reserve', () => {
  const cases: [wanted: number, limit: number, open: number, room: number][] = [
    [512, 20_000, 30, 512],
    [512, 1024, 30, 512],
    [512, 256, 30, 76],
    [10, 256, 30, 10],
    [512, 100, 30, 1],
  ];
  for (const [wanted, limit, open, room] of cases) {
    assert.equal(connectionRoom(wanted, { limit, open }), room, `${wanted} of ${limit}`);
  }
  assert.equal(connectionRoom(512, undefined), 512);
});

test('where there is no /proc, nothing is known of descriptors', () => {
  assert.equal(descriptorsOf('/nonexistent'), undefined);
});

test('--web.max-connections is a whole number from 1 on', () => {
  assert.equal(parseMaxConnections('512'), 512);
  for (const text of ['0', '-1', '1.5', 'many', '']) assert.throws(() => parseMaxConnections(text), UsageError, text);
});
