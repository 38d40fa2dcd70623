import { decodeLabelBlock, LabelError } from '../../model/labels/label-block.js';
import { Untracked, type WriteSink } from '../../model/samples/write-sink.js';
import type { WriteBatch } from '../core/write-batch.js';

/** Series between two looks at the clock: of those that come for the first time, some 2 ms of work. */
const SERIES_A_LOOK = 64;

/** Where the label blocks of a batch come from. */
export interface LabelBlocks {
  /** After `select`: the block is bytes [start, end) of `bytes`, until the next call. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Finds or builds the block of a series of the batch; returns what is wrong with it, or `''`. */
  select(series: number): string;
  /** The text of a reference into the symbol table, undefined beyond it; absent where there is no table. */
  readonly symbol?: (ref: number) => string | undefined;
}

/**
 * Finds what the series of a decoded request from `first` on are in `sink`, into `refs`, which has room for all of them, until
 * `isOver`. Returns the first series that is left. Counts nothing, so that it may be done again.
 */
export function resolveSeries(
  batch: WriteBatch,
  blocks: LabelBlocks,
  sink: WriteSink,
  refs: Int32Array,
  { first = 0, isOver }: { first?: number; isOver?: () => boolean } = {},
): number {
  for (let series = first; series < batch.seriesCount; series++) {
    if ((series - first) % SERIES_A_LOOK === SERIES_A_LOOK - 1 && isOver?.()) return series;
    const firstSample = series === 0 ? 0 : batch.samplesEnd[series - 1]!;
    refs[series] = resolve(blocks, series, batch.samplesEnd[series]! > firstSample, sink);
  }
  return batch.seriesCount;
}

function resolve(blocks: LabelBlocks, series: number, hasSamples: boolean, sink: WriteSink): number {
  if (blockProblem(blocks, series, hasSamples) !== '') return Untracked.invalidLabels;
  // A series with only histograms, which are not stored, is not added to the store.
  return hasSamples ? sink.resolve(blocks.bytes, blocks.start, blocks.end) : Untracked.noRule;
}

/** Selects the block of a series. Returns what is wrong with it, as far as the sink does not look at it, or `''`. */
export function blockProblem(blocks: LabelBlocks, series: number, hasSamples: boolean): string {
  return blocks.select(series) || (hasSamples ? '' : labelsProblem(blocks));
}

function labelsProblem({ bytes, start, end }: LabelBlocks): string {
  try {
    decodeLabelBlock(bytes, start, end);
    return '';
  } catch (error) {
    if (error instanceof LabelError) return error.message;
    throw error;
  }
}
