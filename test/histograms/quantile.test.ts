import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { increaseOf } from '#src/histograms/increase.js';
import { histogramQuantile } from '#src/histograms/quantile.js';
import { decodeHistogram } from '#src/wire/receive/decode-histogram.js';
import { hex } from '../wire/hex.js';

interface GoldenHistogram {
  readonly name: string;
  readonly v1: string;
  readonly timeMs: number;
  readonly count: string;
  readonly sum: string;
  /** The place of the histogram before it; −1 for none. */
  readonly deltaFrom: number;
  readonly deltaCount?: string;
  readonly deltaSum?: string;
  readonly quantiles?: Readonly<Record<string, string>>;
}

/** Histograms as Prometheus 3.14 sends them, and what it says of the increase from one to the next. */
const GOLDEN: readonly GoldenHistogram[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/wire/testdata/native-histograms.json'), 'utf8'),
);

function near(actual: number, expected: number, message: string): void {
  if (Number.isNaN(expected)) assert.ok(Number.isNaN(actual), message);
  else assert.ok(Math.abs(actual - expected) <= 1e-12 * Math.abs(expected), `${message}: ${actual} is not ${expected}`);
}

test('counts, sums and quantiles of the increase are those that Prometheus computes', () => {
  let place = -1;
  let compared = 0;
  let name = '';
  const decoded = GOLDEN.map(({ v1 }) => {
    return decodeHistogram(hex(v1));
  });
  let start = 0;
  for (const [i, golden] of GOLDEN.entries()) {
    if (golden.name !== name) [name, start] = [golden.name, i];
    place = i - start;
    const { timeMs, histogram } = decoded[i]!;
    assert.deepEqual(
      [timeMs, histogram!.count, histogram!.sum],
      [golden.timeMs, Number(golden.count), Number(golden.sum)],
    );
    if (golden.deltaFrom < 0) continue;
    assert.equal(golden.deltaFrom, place - 1);
    const increase = increaseOf({ timeMs: decoded[i - 1]!.timeMs, histogram: decoded[i - 1]!.histogram! }, decoded[i]!);
    near(increase.count, Number(golden.deltaCount), `${name} ${place} count`);
    near(increase.sum, Number(golden.deltaSum), `${name} ${place} sum`);
    for (const [quantile, want] of Object.entries(golden.quantiles!)) {
      near(histogramQuantile(increase, Number(quantile)), Number(want), `${name} ${place} p${quantile}`);
      compared++;
    }
  }
  assert.equal(compared, 84);
});
