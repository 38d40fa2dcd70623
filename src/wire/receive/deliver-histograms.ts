import type { HistogramSink } from '../../model/samples/histogram-sink.js';
import { SampleOutcome } from '../../model/samples/write-sink.js';
import type { WriteBatch } from '../core/write-batch.js';
import { decodeHistogram } from './decode-histogram.js';
import type { LabelBlocks } from './resolve-series.js';
import type { WriteStats } from './write-stats.js';

/** Passes the histograms of a request to `sink`; only those that it wants are decoded. `body` is that of the request. */
export function deliverHistograms(
  body: Uint8Array,
  batch: WriteBatch,
  blocks: LabelBlocks,
  sink: HistogramSink,
  stats: WriteStats,
): void {
  let series = -1;
  let ref = -1;
  for (let row = 0; row < batch.histogramCount; row++) {
    if (batch.histogramSeries[row] !== series) {
      series = batch.histogramSeries[row]!;
      ref = blocks.select(series) === '' ? sink.find(blocks.bytes, blocks.start, blocks.end) : -2;
    }
    // What is wrong with its labels has been said already.
    if (ref === -2) stats.invalidHistograms++;
    if (ref < 0) continue;
    const outcome = sink.append(ref, decodeHistogram(batch.histogram(row, body)));
    if (outcome < SampleOutcome.tooNew) {
      stats.derivedHistograms++;
      continue;
    }
    stats.invalidHistograms++;
    if (stats.wantsProblem) {
      const why = outcome === SampleOutcome.tooNew ? 'too far in the future' : 'older than the history of its series';
      stats.addProblem(`a histogram is ${why}`);
    }
  }
}
