import type { ExemplarSink } from '../../model/samples/exemplar.js';
import { WireError } from '../core/wire-error.js';
import type { WriteBatch } from '../core/write-batch.js';
import { decodeExemplar } from './decode-exemplar.js';
import type { LabelBlocks } from './resolve-series.js';
import type { WriteStats } from './write-stats.js';

/** Passes the exemplars of a request to `sink`; only those that it wants are decoded, and a broken one is counted. */
export function deliverExemplars(
  body: Uint8Array,
  batch: WriteBatch,
  blocks: LabelBlocks,
  sink: ExemplarSink,
  stats: WriteStats,
): void {
  let series = -1;
  let ref = -1;
  for (let row = 0; row < batch.exemplars; row++) {
    if (batch.exemplarSeries[row] !== series) {
      series = batch.exemplarSeries[row]!;
      ref = blocks.select(series) === '' ? sink.find(blocks.bytes, blocks.start, blocks.end) : -2;
    }
    // What is wrong with its labels has been said already.
    if (ref === -2) stats.invalidExemplars++;
    if (ref < 0) continue;
    try {
      sink.append(ref, decodeExemplar(batch.exemplar(row, body), blocks.symbol));
      stats.keptExemplars++;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      stats.invalidExemplars++;
      if (stats.wantsProblem) stats.addProblem(`an exemplar is invalid: ${error.message}`);
    }
  }
}
