import type { Samples } from '../model/samples/columns.js';
import { isKeepable } from './rings/keepable.js';
import { fillGaps } from './rings/ring-fill.js';
import type { SeriesRegistry } from './series-registry.js';

/** What `SeriesStore.backfill` did: samples without a value, and empty buckets that got one. */
export interface BackfillCounts {
  readonly notFinite: number;
  readonly fineFilled: number;
  readonly coarseFilled: number;
}

/** As `SeriesStore.backfill` has it. */
export function backfillSeries(
  series: SeriesRegistry,
  id: number,
  { timesMs, values, startsMs }: Samples,
  repairFromMs: number,
): BackfillCounts {
  const table = series.table;
  const { rings } = series.layout(id);
  const liveMs = table.newestMs[id]!;
  const openStepMs = rings.newestStep(id) * rings.stepMs;
  // In rings of their own, so that the same code makes buckets of them as of live samples.
  const past = table.take();
  rings.open(past);
  const isRepair = repairFromMs < Number.POSITIVE_INFINITY;
  let notFinite = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < timesMs.length; i++) {
    const timeMs = timesMs[i]!;
    const value = values[i]!;
    const startMs = startsMs?.[i];
    if (!isKeepable(value)) {
      notFinite++;
      continue;
    }
    lastMs = timeMs;
    if (timeMs < openStepMs) rings.append(past, timeMs, value, startMs);
    else if (!isRepair && !(timeMs <= liveMs)) rings.append(id, timeMs, value, startMs);
  }
  const completeUntilMs = Math.floor(lastMs / rings.stepMs) * rings.stepMs;
  if (table.newestMs[id]! > table.endedAtMs[id]!) table.endedAtMs[id] = Number.NaN;
  const filled = fillGaps(rings, id, rings, past, { fromMs: repairFromMs, untilMs: completeUntilMs });
  if (filled.coarse > 0 || filled.fine > 0) {
    table.firstMs[id] = Math.min(table.firstMs[id]!, table.firstMs[past]!);
    table.mergeVariance(id, past);
  }
  rings.close(past);
  table.release(past);
  return { notFinite, fineFilled: filled.fine, coarseFilled: filled.coarse };
}
