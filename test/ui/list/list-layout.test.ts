import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEAD_HEIGHT, itemAt, type ListItem, layOut, ROW_HEIGHT } from '#src/ui/list/list-layout.js';

const text = (item: ListItem) => (item.kind === 'head' ? `${item.group.name}${item.isFolded ? '+' : '-'}` : item.place);
const group = (name: string, series: number) => ({ name, series, anomalous: 0 });

test('without groups it is rows alone', () => {
  const { items, height } = layOut(3, undefined);
  assert.deepEqual(items.map(text), [0, 1, 2]);
  assert.equal(height, 3 * ROW_HEIGHT);
});

test('each group is below its heading, a folded one has its heading alone, whatever the order of the rows', () => {
  const names = ['a', 'b', 'a'];
  const { items, height } = layOut(3, {
    groups: [group('a', 2), group('folded', 500), group('b', 1)],
    groupOf: (place) => names[place]!,
    isFolded: (name) => name === 'folded',
  });
  assert.deepEqual(items.map(text), ['a-', 0, 2, 'folded+', 'b-', 1]);
  assert.equal(height, 3 * HEAD_HEIGHT + 3 * ROW_HEIGHT);
});

test('behind a group that is not loaded as a whole there is nothing yet', () => {
  const groups = [group('a', 5), group('b', 1)];
  const { items } = layOut(2, { groups, groupOf: () => 'a', isFolded: () => false });
  assert.deepEqual(items.map(text), ['a-', 0, 1]);
});

test('an item is found by where it is', () => {
  const layout = layOut(1, { groups: [group('a', 1)], groupOf: () => 'a', isFolded: () => false });
  assert.deepEqual(
    [0, HEAD_HEIGHT - 1, HEAD_HEIGHT, 1e9].map((y) => itemAt(layout, y)),
    [0, 0, 1, 2],
  );
  assert.equal(itemAt(layOut(0, undefined), 0), 0);
});
