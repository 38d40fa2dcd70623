import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabelArena } from '#src/series/labels/label-arena.js';

const BLOCK_BYTES = 250;

/** A block that tells its number, among other bytes. */
function blockOf(i: number): DataView {
  const bytes = Buffer.alloc(BLOCK_BYTES + 2, i);
  bytes.writeUInt32LE(i, 1);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function add(arena: LabelArena, i: number): number {
  return arena.add(blockOf(i), 1, 1 + BLOCK_BYTES);
}

function holds(arena: LabelArena, number: number, i: number): boolean {
  return arena.equals(number, blockOf(i), 1, 1 + BLOCK_BYTES);
}

test('LabelArena keeps its blocks while its buffer grows and shrinks', () => {
  const arena = new LabelArena();
  const numbers = Array.from({ length: 5000 }, (_, i) => add(arena, i));
  assert.ok(numbers.every((number, i) => holds(arena, number, i)));
  const fullBytes = arena.capacityBytes;
  for (const number of numbers.slice(100)) arena.remove(number);
  assert.ok(numbers.every((number, i) => holds(arena, number, i) === i < 100));
  assert.equal(arena.liveBytes, 100 * BLOCK_BYTES);
  assert.ok(arena.capacityBytes < fullBytes / 4, `${arena.capacityBytes} of ${fullBytes} bytes left`);
});

test('LabelArena takes the room of removed blocks before it grows', () => {
  const arena = new LabelArena();
  const live = Array.from({ length: 3000 }, (_, i) => add(arena, i));
  const { capacityBytes } = arena;
  for (let i = 3000; i < 50_000; i++) {
    arena.remove(live.shift()!);
    live.push(add(arena, i));
  }
  assert.equal(arena.capacityBytes, capacityBytes);
  assert.equal(arena.top, 3000);
  assert.ok(live.every((number, i) => holds(arena, number, 47_000 + i)));
});

test('LabelArena.equals() tells blocks apart by every byte and by length', () => {
  const arena = new LabelArena();
  const number = add(arena, 7);
  const differing = Array.from({ length: BLOCK_BYTES }, (_, at) => {
    const other = blockOf(7);
    other.setUint8(1 + at, other.getUint8(1 + at) ^ 0x80);
    return arena.equals(number, other, 1, 1 + BLOCK_BYTES);
  });
  assert.ok(!differing.includes(true));
  assert.ok(!arena.equals(number, blockOf(7), 1, BLOCK_BYTES));
  assert.ok(!arena.equals(number + 1, blockOf(7), 1, 1));
});
