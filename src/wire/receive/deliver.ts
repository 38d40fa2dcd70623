import { decodeLabelBlock, LabelError } from '../../model/labels/label-block.js';
import { formatLabels } from '../../model/labels/labels.js';
import { SampleOutcome, Untracked, type WriteSink } from '../../model/samples/write-sink.js';
import type { WriteBatch } from '../core/write-batch.js';
import type { SampleOrder } from './sample-order.js';
import { isRefusal, WriteStats } from './write-stats.js';

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
 * Passes the series and samples of a decoded request to `sink`, the samples of each series in order of time; an invalid one
 * does not affect the others.
 */
export function deliver(batch: WriteBatch, blocks: LabelBlocks, sink: WriteSink, order: SampleOrder): WriteStats {
  const stats = new WriteStats();
  stats.samples = batch.sampleCount;
  stats.exemplars = batch.exemplars;
  stats.histograms = batch.histograms;
  stats.invalidHistograms = batch.invalidHistograms;
  if (batch.invalidHistograms > 0) stats.addProblem(`a histogram is invalid: ${batch.histogramProblem}`);
  order.begin(batch);
  let sample = 0;
  for (let series = 0; series < batch.seriesCount; series++) {
    const samplesEnd = batch.samplesEnd[series]!;
    const ref = resolve(blocks, series, batch, sample, sink, stats);
    if (ref < 0) stats.byUntracked[-ref]! += samplesEnd - sample;
    order.refs[series] = ref;
    sample = samplesEnd;
  }
  const delivery = new Delivery(batch, blocks, sink, stats);
  const sorted = order.sorted(batch);
  if (sorted === undefined) delivery.asTheyCame(order.refs);
  else delivery.sorted(order.refs, sorted);
  return stats;
}

function resolve(
  blocks: LabelBlocks,
  series: number,
  batch: WriteBatch,
  firstSample: number,
  sink: WriteSink,
  stats: WriteStats,
): number {
  const samplesEnd = batch.samplesEnd[series]!;
  const hasSamples = samplesEnd > firstSample;
  const problem = blocks.select(series) || (hasSamples ? '' : labelsProblem(blocks));
  if (problem !== '') {
    stats.invalidSeries++;
    stats.addMalformed();
    if (stats.wantsProblem) stats.addProblem(`a series was refused: ${problem}`);
    return Untracked.invalidLabels;
  }
  // A series with only histograms, which are not stored, is not added to the store.
  if (!hasSamples) return Untracked.noRule;

  const { bytes, start, end } = blocks;
  const ref = sink.resolve(bytes, start, end);
  if (ref === Untracked.invalidLabels) stats.invalidSeries++;
  if (ref < 0 && isRefusal(ref)) {
    stats.addRefused(bytes, start, end, batch.timesMs[samplesEnd - 1]!);
    if (stats.wantsProblem) stats.addProblem(sink.describe(bytes, start, end, ref));
  }
  return ref;
}

/** The samples of one request on their way to the sink. */
class Delivery {
  readonly #batch: WriteBatch;
  readonly #blocks: LabelBlocks;
  readonly #sink: WriteSink;
  readonly #stats: WriteStats;

  constructor(batch: WriteBatch, blocks: LabelBlocks, sink: WriteSink, stats: WriteStats) {
    this.#batch = batch;
    this.#blocks = blocks;
    this.#sink = sink;
    this.#stats = stats;
  }

  asTheyCame(refs: Int32Array): void {
    const { seriesCount, samplesEnd } = this.#batch;
    let sample = 0;
    for (let series = 0; series < seriesCount; series++) {
      const end = samplesEnd[series]!;
      const ref = refs[series]!;
      if (ref < 0) sample = end;
      else for (; sample < end; sample++) this.#deliver(sample, ref, series);
    }
  }

  sorted(refs: Int32Array, samples: Uint32Array): void {
    const { seriesCount, sampleCount, samplesEnd } = this.#batch;
    const seriesOf = new Uint32Array(sampleCount);
    let sample = 0;
    for (let series = 0; series < seriesCount; series++) {
      seriesOf.fill(series, sample, samplesEnd[series]!);
      sample = samplesEnd[series]!;
    }
    for (const each of samples) this.#deliver(each, refs[seriesOf[each]!]!, seriesOf[each]!);
  }

  #deliver(sample: number, ref: number, series: number): void {
    const { timesMs, values, stale, startsMs } = this.#batch;
    const timeMs = timesMs[sample]!;
    let outcome: SampleOutcome;
    if (stale[sample] === 0) {
      outcome = this.#sink.append(ref, timeMs, values[sample]!, startsMs[sample]!);
    } else {
      outcome = this.#sink.appendStale(ref, timeMs);
      this.#stats.staleMarkers++;
    }
    this.#stats.byOutcome[outcome]!++;
    if (outcome >= SampleOutcome.tooNew) this.#refuse(outcome, timeMs, series);
  }

  #refuse(outcome: SampleOutcome, timeMs: number, series: number): void {
    const blocks = this.#blocks;
    blocks.select(series);
    this.#stats.addRefused(blocks.bytes, blocks.start, blocks.end, timeMs);
    if (!this.#stats.wantsProblem) return;
    const why = outcome === SampleOutcome.tooNew ? 'too far in the future' : 'older than the history of its series';
    this.#stats.addProblem(`the sample of ${seriesText(blocks)} at ${timeMs} ms is ${why}`);
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
