import type { TimeSlice } from '../../lib/time-slice.js';
import type { ExemplarSink } from '../../model/samples/exemplar.js';
import type { HistogramSink } from '../../model/samples/histogram-sink.js';
import { METRIC_TYPES } from '../../model/samples/metric-type.js';
import type { WriteSink } from '../../model/samples/write-sink.js';
import { SnappyDecoder } from '../core/snappy.js';
import { WriteBatch } from '../core/write-batch.js';
import { deliver } from './deliver.js';
import { deliverExemplars } from './deliver-exemplars.js';
import { deliverHistograms } from './deliver-histograms.js';
import { type LabelBlocks, resolveSeries } from './resolve-series.js';
import { SampleOrder } from './sample-order.js';
import { SymbolBlocks } from './symbol-blocks.js';
import { decodeWriteRequest1 } from './write-request-1.js';
import { decodeWriteRequest2 } from './write-request-2.js';
import type { WriteStats } from './write-stats.js';

/** A series of a container has 18 references, and a handful of symbols that no other series has. */
const MAX_SYMBOLS_PER_SERIES = 16;

const utf8 = new TextDecoder();

/** Where goes what is no sample. */
export interface MoreSinks {
  readonly histograms?: HistogramSink | undefined;
  readonly exemplars?: ExemplarSink | undefined;
}

/**
 * Decodes remote-write bodies of both versions into a sink; owns the buffers that are reused from request to request.
 */
export class WriteReceiver {
  readonly #sink: WriteSink;
  readonly #more: MoreSinks;
  readonly #maxDecodedBytes: number;
  readonly #snappy = new SnappyDecoder();
  readonly #batch: WriteBatch;
  readonly #symbols: SymbolBlocks;
  readonly #order = new SampleOrder();

  /** What no sink is given for is checked, and dropped. */
  constructor(
    sink: WriteSink,
    limits: { maxDecodedBytes: number; maxSamplesPerRequest: number },
    more: MoreSinks = {},
  ) {
    this.#sink = sink;
    this.#more = more;
    this.#maxDecodedBytes = limits.maxDecodedBytes;
    this.#batch = new WriteBatch(limits.maxSamplesPerRequest);
    this.#symbols = new SymbolBlocks(this.#batch, sink, {
      maxSymbols: limits.maxSamplesPerRequest * MAX_SYMBOLS_PER_SERIES,
      maxBlockBytes: limits.maxDecodedBytes,
    });
  }

  /**
   * Decodes one snappy-compressed request and delivers what is valid. If the request is malformed it delivers nothing
   * and throws `WireError`. `nowMs` is the clock by which samples are too new or too old.
   */
  receive(compressed: Uint8Array, protocol: '1.0' | '2.0', nowMs: number): WriteStats {
    const { body, blocks } = this.#decode(compressed, protocol, nowMs);
    resolveSeries(this.#batch, blocks, this.#sink, this.#order.refs);
    return this.#deliver(body, blocks);
  }

  /**
   * As `receive`, and lets everything else run whenever `slice` is over, until all of its series are known to the sink: one that
   * comes for the first time costs a hundred times as much as another. Nothing is counted or stored before, and then all of it
   * at once. To be called once at a time.
   */
  async receiveInSlices(
    compressed: Uint8Array,
    protocol: '1.0' | '2.0',
    nowMs: number,
    slice: Pick<TimeSlice, 'isOver' | 'pause'>,
  ): Promise<WriteStats> {
    const { body, blocks } = this.#decode(compressed, protocol, nowMs);
    const { refs } = this.#order;
    const isOver = () => slice.isOver;
    let first = resolveSeries(this.#batch, blocks, this.#sink, refs, { isOver });
    if (first < this.#batch.seriesCount) {
      while (first < this.#batch.seriesCount) {
        await slice.pause();
        // Somebody else may have begun a request with another clock.
        this.#sink.beginRequest(nowMs);
        first = resolveSeries(this.#batch, blocks, this.#sink, refs, { first, isOver });
      }
      // What was found before a pause may have gone or changed meanwhile.
      resolveSeries(this.#batch, blocks, this.#sink, refs);
    }
    return this.#deliver(body, blocks);
  }

  #decode(compressed: Uint8Array, protocol: '1.0' | '2.0', nowMs: number): { body: Uint8Array; blocks: LabelBlocks } {
    const body = this.#snappy.decode(compressed, this.#maxDecodedBytes);
    this.#sink.beginRequest(nowMs);
    let blocks: LabelBlocks = this.#symbols;
    if (protocol === '2.0') {
      decodeWriteRequest2(body, this.#batch, this.#symbols);
    } else {
      decodeWriteRequest1(body, this.#batch);
      this.#deliverMetadata(body);
      blocks = new BodyBlocks(body, this.#batch);
    }
    this.#order.begin(this.#batch);
    return { body, blocks };
  }

  #deliver(body: Uint8Array, blocks: LabelBlocks): WriteStats {
    const stats = deliver(this.#batch, blocks, this.#sink, this.#order);
    const { histograms, exemplars } = this.#more;
    if (histograms !== undefined) deliverHistograms(body, this.#batch, blocks, histograms, stats);
    if (exemplars !== undefined) deliverExemplars(body, this.#batch, blocks, exemplars, stats);
    return stats;
  }

  #deliverMetadata(body: Uint8Array): void {
    const { metadataCount, familyTypes, familyStart, familyEnd } = this.#batch;
    for (let i = 0; i < metadataCount; i++) {
      const family = utf8.decode(body.subarray(familyStart[i], familyEnd[i]));
      this.#sink.setMetricType(family, METRIC_TYPES[familyTypes[i]!]!);
    }
  }
}

/** The label blocks of a 1.0 request, which are its own bytes. */
class BodyBlocks implements LabelBlocks {
  readonly bytes: Uint8Array;
  start = 0;
  end = 0;
  readonly #batch: WriteBatch;

  constructor(bytes: Uint8Array, batch: WriteBatch) {
    this.bytes = bytes;
    this.#batch = batch;
  }

  select(series: number): string {
    this.start = this.#batch.labelsStart[series]!;
    this.end = this.#batch.labelsEnd[series]!;
    return '';
  }
}
