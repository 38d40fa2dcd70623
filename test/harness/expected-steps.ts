import type { QueriedSeries } from './promql.js';

/** Values of steps by the time of their middle, in Unix seconds. */
export type Steps = ReadonlyMap<number, number>;

/**
 * What a ring is to hold of the samples a database has: the mean of each step, and of a counter the increase from sample
 * to sample over the seconds between them. Said once more and naively, to hold the product against.
 */
export function expectedSteps({ labels, points }: QueriedSeries, stepMs: number): Steps {
  const isCounter = labels.__name__!.endsWith('_total');
  const sums = new Map<number, { sum: number; weight: number }>();
  points.forEach(({ timeMs, value }, i) => {
    const middle = (Math.floor(timeMs / stepMs) + 0.5) * (stepMs / 1000);
    const step = sums.get(middle) ?? { sum: 0, weight: 0 };
    const before = points[i - 1];
    if (!isCounter) {
      step.sum += value;
      step.weight++;
    } else if (before !== undefined) {
      step.sum += value < before.value ? value : value - before.value;
      step.weight += (timeMs - before.timeMs) / 1000;
    }
    if (step.weight > 0) sums.set(middle, step);
  });
  return new Map([...sums].map(([middle, { sum, weight }]) => [middle, sum / weight]));
}
