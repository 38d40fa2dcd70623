import { encodeLabelBlock } from '../model/labels/label-block.js';
import { type Labels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { Untracked } from '../model/samples/write-sink.js';
import { AGGREGATES } from '../model/settings/settings.js';
import { InvalidLabelsError } from './labels/validate-labels.js';
import type { RingLayout } from './series-layouts.js';
import type { SeriesRegistry } from './series-registry.js';
import { NONE } from './series-table.js';
import { type RecordReader, type RecordWriter, SnapshotError } from './snapshot/snapshot-record.js';

/**
 * Why a series of a snapshot is left out: no rule wants it any more, a limit of series is reached, the memory budget is used
 * up, it is there already (two differed by a label that is an external one now), its newest sample has left the
 * history, or the clock was set back.
 */
export type Excluded = 'untracked' | 'limit' | 'memory' | 'duplicate' | 'gap' | 'future';

/**
 * Writes a series: the canonical label block, what is known of the type of its metric, the layout of its rings, and their
 * bytes. Variants are learnt again from the next request.
 */
export function saveSeries(series: SeriesRegistry, id: number, record: RecordWriter): void {
  const { aggregate, rings } = series.layout(id);
  const { fineBuckets, coarseBuckets, stepsPerBucket } = rings.geometry;
  record.bytes(series.index.block(series.table.blockId[id]!));
  series.saveType(labelValue(series.labels(id), METRIC_NAME), record);
  record.u32(AGGREGATES.indexOf(aggregate));
  record.f64(rings.stepMs);
  record.u32(fineBuckets);
  record.u32(coarseBuckets);
  record.u32(stepsPerBucket);
  series.table.save(id, record);
  record.bytes(rings.bytes(id));
}

/**
 * Adds the series of a record, by the present rules; rings of another layout are changed as `setRules` would. `identify`
 * returns the labels that identify the series of a block, or throws `InvalidLabelsError`. Returns the id, or why the
 * series is left out.
 */
export function restoreSeries(
  series: SeriesRegistry,
  record: RecordReader,
  identify: (block: Uint8Array) => Labels,
  { nowMs, maxFutureMs }: { readonly nowMs: number; readonly maxFutureMs: number },
): number | Excluded {
  const { table, index } = series;
  const block = record.bytes();
  let labels: Labels;
  try {
    labels = identify(block);
  } catch (error) {
    if (!(error instanceof InvalidLabelsError)) throw error;
    return 'untracked';
  }
  series.restoreType(labelValue(labels, METRIC_NAME), record);
  const layout = readLayout(record);
  const canonicalBlock = encodeLabelBlock(labels);
  if (index.findBlock(canonicalBlock) !== NONE) return 'duplicate';
  const blockId = series.add(labels, canonicalBlock, 0, false);
  if (blockId === Untracked.memoryLimit) return 'memory';
  if (blockId < 0) return blockId === Untracked.noRule ? 'untracked' : 'limit';
  const id = index.idOf(blockId);
  series.restore(id, layout, record);
  const newestMs = table.newestMs[id]!;
  const { historyMs } = series.layout(id).rule.settings;
  const excluded = newestMs < nowMs - historyMs ? 'gap' : newestMs > nowMs + maxFutureMs ? 'future' : undefined;
  if (excluded === undefined) return id;
  series.remove(id);
  return excluded;
}

/** Moves on behind what `saveSeries` wrote of a series, and returns its label block as it was then: a view, as long-lived as the record. */
export function skipSeries(series: SeriesRegistry, record: RecordReader): Uint8Array {
  const block = record.bytes();
  series.skipType(record);
  readLayout(record);
  series.table.skip(record);
  record.bytes();
  return block;
}

function readLayout(record: RecordReader): RingLayout {
  const aggregate = AGGREGATES[record.u32()];
  if (aggregate === undefined) throw new SnapshotError('a series has an unknown aggregate');
  const stepMs = record.f64();
  return {
    aggregate,
    stepMs,
    geometry: { fineBuckets: record.u32(), coarseBuckets: record.u32(), stepsPerBucket: record.u32() },
  };
}
