import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, parseBytes } from '#src/lib/bytes.js';

test('parseBytes() reads sizes in powers of 1024, whichever way they are written', () => {
  const cases: [string, number][] = [
    ['0', 0],
    ['512', 512],
    ['512B', 512],
    ['600MB', 600 * 2 ** 20],
    ['600Mi', 600 * 2 ** 20],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['2 gb', 2 ** 31],
    ['1T', 2 ** 40],
  ];
  for (const [text, bytes] of cases) assert.equal(parseBytes(text), bytes, text);
});

test('parseBytes() refuses what is no size', () => {
  for (const text of ['', '-1', 'x', '1e9', '5 MB MB', '10%', '1PB']) {
    assert.throws(() => parseBytes(text), { name: 'UsageError', message: /is not a size such as 600MB/ }, text);
  }
});

test('formatBytes() takes the largest unit', () => {
  assert.deepEqual([0, 1023, 2 ** 20, 1.5 * 2 ** 30].map(formatBytes), ['0 bytes', '1023 bytes', '1 MiB', '1.5 GiB']);
});
