import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecimalWriter, formatValue, MAX_DECIMAL_BYTES } from '#src/http/prometheus/decimal.js';

/** What one writer makes of numbers one after the other. */
function written(values: readonly number[]): string[] {
  const writer = new DecimalWriter();
  return values.map((value) => {
    const bytes = new Uint8Array(MAX_DECIMAL_BYTES);
    return Buffer.from(bytes.subarray(0, writer.write(bytes, new DataView(bytes.buffer), 0, value))).toString();
  });
}

test('DecimalWriter writes what formatValue says', () => {
  const dyadic = fc.tuple(fc.integer(), fc.integer({ min: -60, max: 40 })).map(([k, e]) => k * 2 ** e);
  const decimal = fc.tuple(fc.integer(), fc.integer({ min: -20, max: 10 })).map(([k, e]) => Number(`${k}e${e}`));
  const part = fc.integer({ min: -(2 ** 31), max: 2 ** 31 }).map((parts) => parts / 1024);
  const edge = fc.constantFrom(
    0,
    -0,
    Number.NaN,
    Infinity,
    -Infinity,
    1e-6,
    9.999e-7,
    1e15,
    1e15 - 1,
    999999999999999.9,
  );
  const more = fc.constantFrom(
    1e21,
    1e20,
    0.1 + 0.2,
    5e-324,
    Number.MAX_VALUE,
    2 ** 53 + 2,
    123456789.5,
    1e8,
    1.00000001,
  );
  const any = fc.oneof(dyadic, part, decimal, fc.double(), edge, more);
  fc.assert(
    fc.property(fc.array(any, { maxLength: 20 }), (values) => {
      assert.deepEqual(written(values), values.map(formatValue));
    }),
    { numRuns: 2_000 },
  );
});

test('a value is written as Prometheus writes it', () => {
  assert.deepEqual(written([-0, Infinity, -Infinity, Number.NaN, 1e-7, 1e21, -12.5, 1e20]), [
    '-0',
    '+Inf',
    '-Inf',
    'NaN',
    '1e-07',
    '1e+21',
    '-12.5',
    '100000000000000000000',
  ]);
});
