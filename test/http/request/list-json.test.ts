import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listJson } from '#src/http/request/list-json.js';

test('a list is JSON whatever its length, in pieces of many short items', () => {
  for (const length of [0, 1, 10, 10_000]) {
    const items = Array.from({ length }, (_, i) => `item ${i}`);
    const pieces = [...listJson('{"data":[', items, (item) => JSON.stringify(item), '],"total":1}')];
    assert.deepEqual(JSON.parse(pieces.join('')), { data: items, total: 1 });
    assert.ok(pieces.length <= 1 + length / 1000, `${pieces.length} pieces of ${length} items`);
  }
});

test('items without JSON are left out, and the others are computed as they are asked for', () => {
  const computed: number[] = [];
  const json = (item: number) => {
    computed.push(item);
    return item % 2 === 0 ? 'x'.repeat(20_000) : undefined;
  };
  const pieces = listJson('[', [1, 2, 3, 4], json, ']');
  assert.equal(pieces.next().value, `[${'x'.repeat(20_000)}`);
  assert.deepEqual(computed, [1, 2]);
  assert.equal([...pieces].join(''), `,${'x'.repeat(20_000)}]`);
});
