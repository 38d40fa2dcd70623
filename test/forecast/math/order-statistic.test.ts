import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { orderStatistic } from '#src/forecast/math/order-statistic.js';

test('orderStatistic() finds what sorting would put there', () => {
  // Few different values, so that there are many ties; and any at all, infinite ones too.
  const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.nat(), (values, n) => {
      const k = n % values.length;
      const sorted = Float64Array.from(values).sort();
      assert.equal(orderStatistic(Float64Array.from(values), k) + 0, sorted[k]! + 0);
    }),
  );
});
