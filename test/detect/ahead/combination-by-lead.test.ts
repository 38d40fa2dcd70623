import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CombinationByLead, LeadPlan } from '#src/detect/ahead/combination-by-lead.js';
import type { Anchor } from '#src/detect/ahead/combination-layout.js';
import { type Combination, EXPERTS, type ForecastCombination } from '#src/detect/ahead/forecast-combination.js';
import { HOUR, MINUTE } from '../../fixtures.js';

const ANCHORS = [MINUTE, HOUR, 24 * HOUR].map(
  (leadMs): Anchor => ({ leadMs, leadSteps: leadMs / MINUTE, everySteps: 1, pending: 1 }),
);
const FACTORS = { lowerFactor: 1, upperFactor: 1 };
const LEADS = Float64Array.from({ length: 60 }, (_, i) => 20_000 + i * 29 * MINUTE);

test('along columns forecasts are combined as one by one, to the bit', () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const row = (arbitrary: fc.Arbitrary<number>, length: number) =>
    fc.array(arbitrary, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));
  const share = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true }));
  const combination: fc.Arbitrary<Combination> = fc.record({
    phi: row(share, EXPERTS),
    weights: row(share, EXPERTS),
    logFactors: row(fc.double({ min: -1, max: 1, noNaN: true }), 2),
  });
  const values = row(
    fc.oneof({ weight: 5, arbitrary: number }, { weight: 1, arbitrary: fc.constant(Number.NaN) }),
    LEADS.length,
  );
  fc.assert(
    fc.property(
      fc.array(combination, { minLength: 3, maxLength: 3 }),
      fc.boolean(),
      row(number, LEADS.length),
      row(fc.double({ min: 0, max: 100, noNaN: true }), LEADS.length),
      fc.array(values, { minLength: EXPERTS - 1, maxLength: EXPERTS - 1 }),
      row(fc.oneof(number, fc.constant(Number.NaN)), EXPERTS),
      fc.boolean(),
      ([first, ...others], isShared, yhat, half, columns, deviations, isCalibrated) => {
        // Where nothing was learnt at a lead time, it has the factors of the one before: the same object.
        const combinations = [
          first!,
          ...others.map((one) => (isShared ? { ...one, logFactors: first!.logFactors } : one)),
        ];
        const learnt = { layout: { stepMs: MINUTE, anchors: ANCHORS }, combinations: () => combinations };
        const byLead = new CombinationByLead(learnt as unknown as ForecastCombination, FACTORS, deviations);
        const noise = 2.5;
        const forecast = {
          yhat: yhat.slice(),
          yhatLower: yhat.map((value, i) => value - half[i]!),
          yhatUpper: yhat.map((value, i) => value + half[i]!),
        };
        const before = { ...forecast, yhatLower: forecast.yhatLower.slice(), yhatUpper: forecast.yhatUpper.slice() };
        const curve = yhat.map((value) => value + 1);
        const said = [curve, ...columns];
        const counted = said.map((column, e) => (e === 0 || byLead.counts(e) ? column : undefined));
        byLead.combineAlong(forecast, new LeadPlan(LEADS, ANCHORS), counted, { noise, isCalibrated });
        for (let i = 0; i < LEADS.length; i++) {
          const interval = Float64Array.of(yhat[i]!, before.yhatLower[i]!, before.yhatUpper[i]!);
          const sigma = (interval[2]! - interval[0]!) / noise;
          const all = Float64Array.from(said, (column) => column[i]!);
          byLead.combine(interval, LEADS[i]!, all, { sigma, isCalibrated });
          assert.deepEqual([forecast.yhat[i], forecast.yhatLower[i], forecast.yhatUpper[i]], [...interval], `${i}`);
        }
      },
    ),
    { numRuns: 60 },
  );
});
