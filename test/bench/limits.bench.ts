// How well the time until a disk is full is predicted, by lead: `npm run bench -- limits`; other disks with `--first 1000`.
import { parseArgs } from 'node:util';
import { replay } from '#src/backtest/replay/replay.js';
import { parseConfig } from '#src/config/load.js';
import { crossingsOf } from '#src/engine/limits/time-to-limit.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { DAY, HOUR, MINUTE } from '../fixtures.js';
import { type Disk, fillingDisks } from './filling-disks.js';

const STEP_MS = 10 * MINUTE;
const LEADS = { '1h': HOUR, '6h': 6 * HOUR, '1d': DAY, '3d': 3 * DAY };

type Method = 'expected' | 'earliest' | 'linear 1h' | 'linear 6h' | 'linear 1d';
const METHODS: readonly Method[] = ['expected', 'earliest', 'linear 1h', 'linear 6h', 'linear 1d'];

/** Predicted over true time until each disk is full, by lead and method; Infinity where the method sees no end. */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { first: { type: 'string', default: '0' } } });
  const found: { kind: string; lead: string; method: Method; ratio: number }[] = [];
  for (const disk of fillingDisks(Number(values.first))) {
    for (const [lead, { leadMs, predicted }] of predictions(disk)) {
      for (const method of METHODS) found.push({ kind: disk.kind, lead, method, ratio: predicted[method] / leadMs });
    }
  }
  const rows: Record<string, unknown> = {};
  for (const kind of [...new Set(found.map((each) => each.kind)), 'all']) {
    for (const lead of Object.keys(LEADS)) {
      const of = found.filter((each) => (kind === 'all' || each.kind === kind) && each.lead === lead);
      rows[`${kind} ${lead}`] = Object.fromEntries(
        METHODS.map((method) => [
          method,
          (method === 'earliest' ? early : summary)(
            of.filter((each) => each.method === method).map(({ ratio }) => ratio),
          ),
        ]),
      );
    }
  }
  console.table(rows);
  return rows;
}

/** What is said of a disk one lead before it is full. */
function predictions({
  name,
  values,
  fullMs,
  limit,
}: Disk): Map<string, { leadMs: number; predicted: Record<Method, number> }> {
  const { settings } = parseConfig(
    `defaults: {step: 10m, refit_interval: 4h, bounds: {min: 0}, limits: {max: ${limit}}}`,
    '.',
  ).rules[0]!;
  const timesMs = Float64Array.from(values, (_, i) => (i + 0.5) * STEP_MS);
  const until = timesMs.findIndex((timeMs) => timeMs > fullMs);
  const samples = { timesMs: timesMs.subarray(0, until), values: values.subarray(0, until) };
  const asked = new Map(
    Object.entries(LEADS).map(([lead, ms]) => [Math.floor((fullMs - ms) / STEP_MS) * STEP_MS, lead]),
  );
  const said = new Map<string, { leadMs: number; predicted: Record<Method, number> }>();
  replay(
    samples,
    makeLabels({ __name__: name }),
    { name, selectors: [], settings },
    {
      onStep: (store, series) => {
        const nowMs = series.scoredUntilMs;
        const lead = asked.get(nowMs);
        if (lead === undefined) return;
        const { expectedMs, earliestMs } = crossingsOf(store, series, { max: limit })[0]!;
        const linear = (rangeMs: number) => linearUntil(samples, nowMs, rangeMs, limit);
        said.set(lead, {
          leadMs: fullMs - nowMs,
          predicted: {
            expected: expectedMs - nowMs,
            earliest: earliestMs - nowMs,
            'linear 1h': linear(HOUR),
            'linear 6h': linear(6 * HOUR),
            'linear 1d': linear(DAY),
          },
        });
      },
    },
  );
  return said;
}

/** As `predict_linear`: the least-squares line through the last values. */
function linearUntil(
  samples: { timesMs: Float64Array; values: Float64Array },
  nowMs: number,
  rangeMs: number,
  limit: number,
): number {
  const { timesMs, values } = samples;
  let [n, sumX, sumY, sumXY, sumXX] = [0, 0, 0, 0, 0];
  for (let i = 0; i < timesMs.length && timesMs[i]! < nowMs; i++) {
    const x = timesMs[i]! - nowMs;
    if (x < -rangeMs) continue;
    const y = values[i]!;
    [n, sumX, sumY, sumXY, sumXX] = [n + 1, sumX + x, sumY + y, sumXY + x * y, sumXX + x * x];
  }
  const slope = (n * sumXY - sumX * sumY) / (n * sumXX - sumX * sumX);
  const atNow = (sumY - slope * sumX) / n;
  return slope > 0 ? Math.max(0, (limit - atNow) / slope) : Number.POSITIVE_INFINITY;
}

/** Median error as a share of the true time, and the share of disks of which no end is seen. */
function summary(ratios: readonly number[]): string {
  const errors = ratios.map((ratio) => Math.abs(ratio - 1)).sort((a, b) => a - b);
  const unseen = ratios.filter((ratio) => ratio === Number.POSITIVE_INFINITY).length / ratios.length;
  const median = errors[errors.length >> 1] ?? Number.NaN;
  return `${(100 * median).toFixed(0)} %${unseen > 0 ? ` (${(100 * unseen).toFixed(0)} % unseen)` : ''}`;
}

/** How many of the disks are full no sooner, and at which share of the true time it is in the median. */
function early(ratios: readonly number[]): string {
  const share = ratios.filter((ratio) => ratio <= 1).length / ratios.length;
  const median = ratios.toSorted((a, b) => a - b)[ratios.length >> 1] ?? Number.NaN;
  return `before ${(100 * share).toFixed(0)} %, at ${median.toFixed(2)}`;
}
