import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compress, SnappyDecoder } from '#src/wire/core/snappy.js';
import { WireError } from '#src/wire/core/wire-error.js';
import { hex, toHex } from '../hex.js';

const decode = (block: Uint8Array, maxBytes = 2 ** 20) => new SnappyDecoder().decode(block, maxBytes);

test('SnappyDecoder reads the bytes of every kind of element', () => {
  const cases: [name: string, block: string, want: string][] = [
    ['nothing', '00', ''],
    ['a literal', '03 08 616263', '616263'],
    ['a literal with a length byte', `3d f03c${'61'.repeat(61)}`, '61'.repeat(61)],
    ['a literal with four length bytes', '02 fc01000000 6162', '6162'],
    ['a copy with an offset of one byte', '08 0c61626364 0104', '6162636461626364'],
    ['a copy with an offset of two bytes', '05 0c61626364 020400', '6162636461'],
    ['a copy with an offset of four bytes', '05 0c61626364 0304000000', '6162636461'],
    ['a run of one byte', '0b 0061 1901', '61'.repeat(11)],
    ['a run of three bytes', '0b 08616263 1103', '61626361626361626361 62'],
    [
      'a copy of 64 bytes from far enough to be moved at once',
      `8001 f03f${'6162'.repeat(32)} fe4000`,
      '6162'.repeat(64),
    ],
    ['a length that is not minimal', '8300 08 616263', '616263'],
  ];
  for (const [name, block, want] of cases) assert.equal(toHex(decode(hex(block))), want.replaceAll(' ', ''), name);
});

test('SnappyDecoder refuses whatever is not exactly one block', () => {
  const cases: [name: string, block: string, message: RegExp][] = [
    ['nothing at all', '', /truncated in its length/],
    ['half a length', '80', /truncated in its length/],
    ['a length of 2^32', '8080808010', /not a 32-bit number/],
    ['a length that never ends', 'ffffffffffff', /not a 32-bit number/],
    ['a length over 2^31', '8080808008', /would be 2147483648 bytes; the limit is 1048576/],
    ['a length of a bomb', '80808001', /would be 2097152 bytes/],
    ['a length that its bytes cannot hold', 'e807 0061', /declares more bytes than it can contain/],
    ['the bytes that hang snappyjs', '0a fc fa ff ff ff', /extends beyond the body/],
    ['a literal without its length', '05 f0', /truncated in its length/],
    ['a literal cut short', '03 08 6162', /extends beyond the body/],
    ['a literal longer than declared', '02 08 616263', /contains more bytes than it declares/],
    ['a copy without its offset', '08 0c61626364 01', /truncated in its offset/],
    ['a copy with half its offset', '08 0c61626364 0204', /truncated in its offset/],
    ['a copy with three quarters of its offset', '08 0c61626364 03040000', /truncated in its offset/],
    ['a copy from before the output', '08 0c61626364 0105', /starts before the output/],
    ['a copy from 4 GiB before the output', '08 0c61626364 03ffffffff', /starts before the output/],
    ['a copy of itself', '08 0c61626364 0100', /starts before the output/],
    ['a copy longer than declared', '07 0c61626364 0104', /contains more bytes than it declares/],
    ['less than declared', '04 08 616263', /declares 4 bytes and contains 3/],
    ['bytes after the end', '03 08 616263 0061', /contains more bytes than it declares/],
  ];
  for (const [name, block, message] of cases) {
    assert.throws(
      () => decode(hex(block)),
      (error) => error instanceof WireError && message.test(error.message),
      name,
    );
  }
});

test('SnappyDecoder tells what is too large from what is malformed', () => {
  assert.throws(() => decode(hex('03 08 616263'), 2), { reason: 'too_large' });
  assert.throws(() => decode(hex('03 08 6162')), { reason: 'malformed' });
});

test('SnappyDecoder returns what compress() was given', () => {
  // Few different bytes make long and overlapping copies, many make literals.
  const repetitive = fc.array(fc.constantFrom(97, 98), { maxLength: 2000, size: 'max' });
  const anything = fc.array(fc.nat(255), { maxLength: 2000, size: 'max' });
  const decoder = new SnappyDecoder();
  fc.assert(
    fc.property(
      fc.oneof(
        repetitive,
        anything,
        fc.tuple(repetitive, anything, repetitive).map((parts) => parts.flat()),
      ),
      (bytes) => {
        const input = Uint8Array.from(bytes);
        assert.deepEqual(decoder.decode(compress(input), 2 ** 20), input);
      },
    ),
  );
});

test('SnappyDecoder agrees with a byte-by-byte model on any sequence of elements', () => {
  const element = fc.oneof(
    fc.record({ literal: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
    fc.record({ size: fc.integer({ min: 1, max: 64 }), offset: fc.integer({ min: 1, max: 80 }) }),
  );
  const decoder = new SnappyDecoder();
  fc.assert(
    fc.property(fc.array(element, { maxLength: 60 }), (elements) => {
      const want: number[] = [];
      const block: number[] = [];
      for (const part of elements) {
        if ('literal' in part) {
          want.push(...part.literal);
          block.push(0xf4, (part.literal.length - 1) & 0xff, (part.literal.length - 1) >> 8, ...part.literal);
        } else {
          const offset = Math.min(part.offset, want.length);
          const size = offset === 0 ? 0 : part.size;
          for (let i = 0; i < size; i++) want.push(want[want.length - offset]!);
          if (size > 0) block.push(((size - 1) << 2) | 2, offset, 0);
        }
      }
      const header = [(want.length & 0x7f) | 0x80, ((want.length >> 7) & 0x7f) | 0x80, want.length >> 14];
      assert.deepEqual([...decoder.decode(Uint8Array.from([...header, ...block]), 2 ** 20)], want);
    }),
  );
});
