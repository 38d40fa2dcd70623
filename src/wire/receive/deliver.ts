import { decodeLabelBlock, LabelError } from '../../model/labels/label-block.js';
import { formatLabels } from '../../model/labels/labels.js';
import { SampleOutcome, Untracked, type WriteSink } from '../../model/samples/write-sink.js';
import type { WriteBatch } from '../core/write-batch.js';
import { isRefusal, WriteStats } from './write-stats.js';

/** Where the label blocks of a batch come from. */
export interface LabelBlocks {
  /** After `select`: the block is bytes [start, end) of `bytes`, until the next call. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Finds or builds the block of a series of the batch; returns what is wrong with it, or `''`. */
  select(series: number): string;
}

/** Passes the series and samples of a decoded request to `sink`; an invalid one does not affect the others. */
export function deliver(batch: WriteBatch, blocks: LabelBlocks, sink: WriteSink): WriteStats {
  const stats = new WriteStats();
  stats.samples = batch.sampleCount;
  stats.exemplars = batch.exemplars;
  stats.histograms = batch.histograms;
  stats.invalidHistograms = batch.invalidHistograms;
  if (batch.invalidHistograms > 0) stats.addProblem(`a histogram is invalid: ${batch.histogramProblem}`);
  let sample = 0;
  for (let series = 0; series < batch.seriesCount; series++) {
    const samplesEnd = batch.samplesEnd[series]!;
    const ref = resolve(blocks, series, samplesEnd > sample, sink, stats);
    if (ref < 0) stats.byUntracked[-ref]! += samplesEnd - sample;
    else deliverSamples(batch, sample, samplesEnd, ref, sink, stats, blocks);
    sample = samplesEnd;
  }
  return stats;
}

function resolve(blocks: LabelBlocks, series: number, hasSamples: boolean, sink: WriteSink, stats: WriteStats): number {
  const problem = blocks.select(series) || (hasSamples ? '' : labelsProblem(blocks));
  if (problem !== '') {
    stats.invalidSeries++;
    if (stats.wantsProblem) stats.addProblem(`a series was refused: ${problem}`);
    return Untracked.invalidLabels;
  }
  // A series with only histograms, which are not stored, is not added to the store.
  if (!hasSamples) return Untracked.noRule;

  const { bytes, start, end } = blocks;
  const ref = sink.resolve(bytes, start, end);
  if (ref === Untracked.invalidLabels) stats.invalidSeries++;
  if (ref < 0 && isRefusal(ref) && stats.wantsProblem) stats.addProblem(sink.describe(bytes, start, end, ref));
  return ref;
}

function deliverSamples(
  batch: WriteBatch,
  start: number,
  end: number,
  ref: number,
  sink: WriteSink,
  stats: WriteStats,
  blocks: LabelBlocks,
): void {
  for (let sample = start; sample < end; sample++) {
    const timeMs = batch.timesMs[sample]!;
    let outcome: SampleOutcome;
    if (batch.stale[sample] === 0) {
      outcome = sink.append(ref, timeMs, batch.values[sample]!);
    } else {
      outcome = sink.appendStale(ref, timeMs);
      stats.staleMarkers++;
    }
    stats.byOutcome[outcome]!++;
    if (outcome >= SampleOutcome.tooNew && stats.wantsProblem) {
      const why = outcome === SampleOutcome.tooNew ? 'too far in the future' : 'older than the history of its series';
      stats.addProblem(`the sample of ${seriesText(blocks)} at ${timeMs} ms is ${why}`);
    }
  }
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

/** The series in PromQL, shortened if it is long. */
function seriesText({ bytes, start, end }: LabelBlocks): string {
  const text = formatLabels(decodeLabelBlock(bytes, start, end));
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
