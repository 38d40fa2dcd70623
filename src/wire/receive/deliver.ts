import { decodeLabelBlock } from '../../model/labels/label-block.js';
import { formatLabels } from '../../model/labels/labels.js';
import { SampleOutcome, Untracked, type WriteSink } from '../../model/samples/write-sink.js';
import type { WriteBatch } from '../core/write-batch.js';
import { blockProblem, type LabelBlocks } from './resolve-series.js';
import type { SampleOrder } from './sample-order.js';
import { isRefusal, WriteStats } from './write-stats.js';

/**
 * Passes the samples of a decoded request to `sink`, those of each series in order of time; an invalid one does not affect
 * the others. `order.refs` has what the series of the request were resolved to.
 */
export function deliver(batch: WriteBatch, blocks: LabelBlocks, sink: WriteSink, order: SampleOrder): WriteStats {
  const stats = new WriteStats();
  stats.samples = batch.sampleCount;
  stats.exemplars = batch.exemplars;
  stats.histograms = batch.histograms;
  stats.invalidHistograms = batch.invalidHistograms;
  if (batch.invalidHistograms > 0) stats.addProblem(`a histogram is invalid: ${batch.histogramProblem}`);
  let sample = 0;
  for (let series = 0; series < batch.seriesCount; series++) {
    const samplesEnd = batch.samplesEnd[series]!;
    const ref = order.refs[series]!;
    if (ref < 0) countUntracked(ref, series, sample, batch, blocks, sink, stats);
    sample = samplesEnd;
  }
  const delivery = new Delivery(batch, blocks, sink, stats);
  const sorted = order.sorted(batch);
  if (sorted === undefined) delivery.asTheyCame(order.refs);
  else delivery.sorted(order.refs, sorted);
  return stats;
}

/** Counts a series that is not tracked, and says why where its sender should know. */
function countUntracked(
  ref: number,
  series: number,
  firstSample: number,
  batch: WriteBatch,
  blocks: LabelBlocks,
  sink: WriteSink,
  stats: WriteStats,
): void {
  const samplesEnd = batch.samplesEnd[series]!;
  stats.byUntracked[-ref]! += samplesEnd - firstSample;
  const isRefused = isRefusal(ref);
  const problem = isRefused ? blockProblem(blocks, series, samplesEnd > firstSample) : '';
  if (problem !== '') {
    stats.invalidSeries++;
    stats.addMalformed();
    if (stats.wantsProblem) stats.addProblem(`a series was refused: ${problem}`);
    return;
  }
  if (samplesEnd === firstSample) return;
  sink.countUntracked(ref);
  if (ref === Untracked.invalidLabels) stats.invalidSeries++;
  if (!isRefused) return;
  const { bytes, start, end } = blocks;
  stats.addRefused(bytes, start, end, batch.timesMs[samplesEnd - 1]!);
  if (stats.wantsProblem) stats.addProblem(sink.describe(bytes, start, end, ref));
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

/** The series in PromQL, shortened if it is long. */
function seriesText({ bytes, start, end }: LabelBlocks): string {
  const text = formatLabels(decodeLabelBlock(bytes, start, end));
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
