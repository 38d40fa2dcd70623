import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Matcher } from '#src/model/labels/matcher.js';
import { WireError } from '#src/wire/core/wire-error.js';
import { decodeReadRequest, encodeReadRequest, type ReadQuery } from '#src/wire/read/read-request.js';
import { hex } from '../hex.js';
import { decodeProto, encodeProto } from '../proto.js';

// One query of [1, 2] ms for up{job!="a"}, as prompb.ReadRequest marshals it, with SAMPLES accepted.
const QUERY: ReadQuery = { startMs: 1, endMs: 2, matchers: matchers(['__name__', '=', 'up'], ['job', '!=', 'a']) };
const QUERY_HEX = '0a20 0801 1002 1a0e 12085f5f6e616d655f5f 1a027570 1a0a 0801 12036a6f62 1a0161 120100'.replaceAll(
  ' ',
  '',
);

/** The objects that come out of a decoder are ordinary ones. */
const PLAIN = { noNullPrototype: true };

function matchers(...all: [name: string, type: Matcher['type'], value: string][]): Matcher[] {
  return all.map(([name, type, value]) => ({ name, type, value }));
}

test('a read request has the bytes Prometheus reads and writes', () => {
  assert.deepEqual(
    decodeProto('prometheus.ReadRequest', encodeReadRequest(QUERY, ['samples'])),
    decodeProto('prometheus.ReadRequest', hex(QUERY_HEX)),
  );
  assert.deepEqual(decodeReadRequest(hex(QUERY_HEX)), { queries: [QUERY], acceptedTypes: ['samples'] });
});

test('decodeReadRequest() returns what encodeReadRequest() was given, for any query', () => {
  const matcher = fc.record(
    {
      name: fc.string({ unit: 'grapheme' }),
      type: fc.constantFrom('=' as const, '!=' as const, '=~' as const, '!~' as const),
      value: fc.string({ unit: 'grapheme' }),
    },
    PLAIN,
  );
  const query = fc.record(
    {
      startMs: fc.maxSafeInteger(),
      endMs: fc.maxSafeInteger(),
      matchers: fc.array(matcher),
      hints: fc.record({ stepMs: fc.maxSafeInteger(), func: fc.string() }, PLAIN),
    },
    { ...PLAIN, requiredKeys: ['startMs', 'endMs', 'matchers'] },
  );
  const types = fc.uniqueArray(fc.constantFrom('samples' as const, 'streamed_xor_chunks' as const), { minLength: 1 });
  fc.assert(
    fc.property(query, types, (asked, acceptedTypes) => {
      assert.deepEqual(decodeReadRequest(encodeReadRequest(asked, acceptedTypes)), { queries: [asked], acceptedTypes });
    }),
  );
});

test('decodeReadRequest() reads the hints that matter', () => {
  const hints = { stepMs: 60_000, func: 'series', startMs: 5, endMs: 6, grouping: ['job'], by: true, rangeMs: 7 };
  const body = encodeProto('prometheus.ReadRequest', { queries: [{ hints }, {}] });
  const { queries } = decodeReadRequest(body);
  assert.deepEqual(
    queries.map((query) => query.hints),
    [{ stepMs: 60_000, func: 'series' }, undefined],
  );
});

test('decodeReadRequest() understands what clients accept', () => {
  const cases: [name: string, acceptedResponseTypes: number[], want: string[]][] = [
    ['nothing said', [], ['samples']],
    ['as Prometheus asks', [1, 0], ['streamed_xor_chunks', 'samples']],
    ['a form of the future first', [7, 0], ['samples']],
    ['forms of the future only', [7], []],
  ];
  for (const [name, acceptedResponseTypes, want] of cases) {
    const body = encodeProto('prometheus.ReadRequest', { queries: [{}], acceptedResponseTypes });
    assert.deepEqual(decodeReadRequest(body).acceptedTypes, want, name);
  }
});

test('decodeReadRequest() refuses what is no request', () => {
  for (const [name, body] of [
    ['a query over the end', '0a05 0801'],
    ['a matcher type that is not known', '0a04 1a02 0809'],
  ] as const) {
    assert.throws(() => decodeReadRequest(hex(body)), WireError, name);
  }
});

test('more queries or matchers than a request may have are counted, and refused', () => {
  const query = encodeReadRequest(QUERY, []);
  const request = (queries: number) => Buffer.concat(new Array<Uint8Array>(queries).fill(query));
  const decoded = decodeReadRequest(request(3), { maxQueries: 3, maxMatchers: 6 });
  assert.deepEqual(decoded.queries, [QUERY, QUERY, QUERY]);
  for (const [queries, limits, message] of [
    [10_000, { maxQueries: 100, maxMatchers: 100_000 }, /^10000 queries: at most 100 are allowed/],
    [3, { maxQueries: 3, maxMatchers: 4 }, /^5 matchers: at most 4 are allowed/],
  ] as const) {
    // A type of matcher that is none is not come to: nothing is decoded.
    const unknown = encodeProto('prometheus.ReadRequest', { queries: [{ matchers: [{ type: 9 }] }] });
    const body = Buffer.concat([request(queries - 1), unknown]);
    assert.throws(
      () => decodeReadRequest(body, limits),
      (error) => error instanceof WireError && message.test(error.message),
    );
  }
});
