import { query } from './promql.js';

/** The samples of one series as they are stored, at their own timestamps, in [startMs, endMs]. */
export async function storedSamples(
  url: string,
  selector: string,
  { startMs, endMs }: { startMs: number; endMs: number },
): Promise<{ timeMs: number; value: number }[]> {
  const series = await query(url, `${selector}[${Math.ceil((endMs - startMs) / 1_000)}s]`, endMs);
  if (series.length !== 1) throw new Error(`${selector} gives ${series.length} series, not one`);
  return series.flatMap(({ points }) => points.filter(({ timeMs }) => timeMs >= startMs));
}

/** The longest time between two neighbouring samples. */
export function longestGapMs(samples: readonly { timeMs: number }[]): number {
  let gapMs = 0;
  for (let i = 1; i < samples.length; i++) gapMs = Math.max(gapMs, samples[i]!.timeMs - samples[i - 1]!.timeMs);
  return gapMs;
}
