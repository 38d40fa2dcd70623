import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeLabels } from '#src/model/labels.js';
import type { Matcher } from '#src/model/matcher.js';
import { decodeReadRequest, encodeReadRequest } from '#src/wire/read-request.js';
import { decodeReadResponse, encodeReadResponse } from '#src/wire/read-response.js';
import { WireError } from '#src/wire/wire-error.js';
import { hex, toHex } from './hex.js';
import { decodeProto, encodeProto } from './proto.js';

// One query of [1, 2] ms for up{job!="a"}, as prompb.ReadRequest marshals it, with SAMPLES accepted.
const QUERY = { startMs: 1, endMs: 2, matchers: matchers(['__name__', '=', 'up'], ['job', '!=', 'a']) };
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
    decodeProto('prometheus.ReadRequest', encodeReadRequest(QUERY)),
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
    { startMs: fc.maxSafeInteger(), endMs: fc.maxSafeInteger(), matchers: fc.array(matcher) },
    PLAIN,
  );
  fc.assert(
    fc.property(query, (asked) => {
      assert.deepEqual(decodeReadRequest(encodeReadRequest(asked)).queries, [asked]);
    }),
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

test('a read response has the bytes Prometheus reads', () => {
  const response = encodeReadResponse([
    [
      {
        labels: makeLabels({ __name__: 'up' }),
        samples: { timesMs: Float64Array.of(1, 2, 3), values: Float64Array.of(1, NaN, 2) },
      },
    ],
    [],
  ]);
  assert.equal(
    toHex(response),
    '0a2c 0a2a 0a0e 0a085f5f6e616d655f5f 12027570 120b 09000000000000f03f 1001 120b 090000000000000040 1003 0a00'.replaceAll(
      ' ',
      '',
    ),
  );
});

test('decodeReadResponse() returns what encodeReadResponse() was given, for any series', () => {
  const series = fc.record(
    {
      labels: fc
        .dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 }), {
          minKeys: 1,
        })
        .map((labels) => makeLabels(Object.entries(labels))),
      samples: fc.array(fc.tuple(fc.maxSafeInteger(), fc.double({ noNaN: true }))).map((samples) => ({
        timesMs: Float64Array.from(samples, ([t]) => t),
        values: Float64Array.from(samples, ([, v]) => v),
      })),
    },
    PLAIN,
  );
  fc.assert(
    fc.property(fc.array(fc.array(series)), (results) => {
      assert.deepEqual(decodeReadResponse(encodeReadResponse(results), 10_000), results);
    }),
  );
});

test('decodeReadResponse() refuses what is broken, invalid or too much', () => {
  const up = '0a0e 0a085f5f6e616d655f5f 12027570';
  const cases: [name: string, body: string, reason: string, message: RegExp][] = [
    ['a result over the end', '0a05 0a00', 'malformed', /over the end/],
    ['a series over the end', '0a04 0a10 0a00', 'malformed', /over the end/],
    ['a series without labels', '0a04 0a02 1200', 'malformed', /no labels/],
    ['three samples', `0a18 0a16 ${up} 1200 1200 1200`, 'too_large', /more than 2 samples/],
  ];
  for (const [name, body, reason, message] of cases) {
    assert.throws(() => decodeReadResponse(hex(body), 2), { name: 'WireError', reason, message }, name);
  }
});
