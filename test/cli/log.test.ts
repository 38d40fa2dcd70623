import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '#src/cli/log.js';

test('a line of the JSON log has its level by name', () => {
  const lines: string[] = [];
  createLogger({ level: 'info', format: 'json' }, { write: (line: string) => void lines.push(line) }).warn('careful');
  assert.equal(JSON.parse(lines[0]!).level, 'warn');
});
