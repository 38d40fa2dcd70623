import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashBytes } from '#src/series/labels/label-hash.js';
import { LabelIndex } from '#src/series/labels/label-index.js';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer);

/** Blocks in which many share a length and a beginning, some of them past a word of four bytes. */
const anyBlock = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 10 }),
  fc.integer({ min: 0, max: 60 }).map((i) => `http_requests_total{pod="${i}"}`),
);

type Step = { what: 'find' | 'remove' | 'clear'; block: string };
const anySteps = fc.array(
  fc.record<Step>({
    what: fc.oneof(
      { weight: 30, arbitrary: fc.constant('find' as const) },
      { weight: 10, arbitrary: fc.constant('remove' as const) },
      { weight: 1, arbitrary: fc.constant('clear' as const) },
    ),
    block: anyBlock,
  }),
  { maxLength: 400, size: 'max' },
);

test('LabelIndex finds what a Map<string, id> finds, under any adding and removing', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const index = new LabelIndex();
      const model = new Map<string, number>();
      for (const { what, block } of steps) {
        const bytes = bytesOf(`--${block}-`);
        const view = viewOf(bytes);
        const [start, end] = [2, bytes.length - 1];
        const hash = hashBytes(view, start, end);
        const known = model.get(block) ?? -1;
        const followed = index.predictNext(view, start, end);
        assert.ok(followed === -1 || followed === known, 'predictNext() finds this block or none');
        assert.equal(index.find(view, start, end, hash), known);
        if (what === 'find' && known === -1) model.set(block, index.add(view, start, end, hash));
        if (what === 'remove' && known !== -1) {
          index.remove(known);
          model.delete(block);
        }
        if (what === 'clear') {
          index.clear();
          model.clear();
        }
        assert.equal(index.size, model.size);
      }
      for (const [block, blockId] of model) assert.deepEqual(index.block(blockId), bytesOf(block));
      assert.equal(new Set(model.values()).size, model.size);
    }),
    { numRuns: 300 },
  );
});

test('LabelIndex tells blocks of the same hash apart by their bytes', () => {
  const index = new LabelIndex();
  const blocks = Array.from({ length: 200 }, (_, i) => bytesOf(`block ${i}`));
  const ids = blocks.map((block) => index.add(viewOf(block), 0, block.length, 7));
  assert.deepEqual(
    blocks.map((block) => index.find(viewOf(block), 0, block.length, 7)),
    ids,
  );
  const stranger = bytesOf('block 2OO');
  assert.equal(index.find(viewOf(stranger), 0, stranger.length, 7), -1);
});

test('LabelIndex.predictNext() finds a block that comes after the same one as the time before', () => {
  const index = new LabelIndex();
  const blocks = ['a', 'b', 'c'].map(bytesOf);
  const ids = blocks.map((block) => index.add(viewOf(block), 0, 1, hashBytes(viewOf(block), 0, 1)));
  // The first of a round follows the last of the round before, once that has happened.
  assert.equal(index.find(viewOf(blocks[0]!), 0, 1, hashBytes(viewOf(blocks[0]!), 0, 1)), ids[0]);
  const rounds = [1, 2, 0, 1, 2, 0].map((i) => index.predictNext(viewOf(blocks[i]!), 0, 1));
  assert.deepEqual(
    rounds,
    [1, 2, 0, 1, 2, 0].map((i) => ids[i]),
  );
});

test('LabelIndex keeps its memory flat while a thousand blocks live and a million pass through', () => {
  const index = new LabelIndex();
  const block = Buffer.alloc(250, 'x');
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const live: number[] = [];
  let mostBytes = 0;
  for (let i = 0; i < 1_000_000; i++) {
    block.writeUInt32LE(i, 100);
    live.push(index.add(view, 0, block.length, hashBytes(view, 0, block.length)));
    if (live.length === 1000) for (const blockId of live.splice(0, 600)) index.remove(blockId);
    mostBytes = Math.max(mostBytes, index.capacityBytes);
  }
  // 1,000 blocks of 250 bytes in a buffer at most twice as large, and tables of a few tens of bytes each.
  assert.ok(mostBytes < 2 * 2 * 250_000, `${mostBytes} bytes`);
  assert.ok(index.top <= 1000);
});

test('hashBytes() depends on every byte, on their order and on their number', () => {
  const hash = (text: string) => hashBytes(viewOf(bytesOf(text)), 0, text.length);
  const texts = ['', '\0', '\0\0', '\0\0\0\0', 'abcd', 'abdc', 'abcde', 'bbcde', 'abcdf', 'abcdefgh', 'efghabcd'];
  assert.equal(new Set(texts.map(hash)).size, texts.length);
  assert.equal(hashBytes(viewOf(bytesOf('..abcde.')), 2, 7), hash('abcde'));
});
