import type { Samples } from '../model/columns.js';
import { ByteWriter, fieldSize, varintSize } from './byte-writer.js';

/** A series in an answer to a remote-read: its label block, and its samples at ascending times ≥ 0. */
export interface ReadSeries {
  readonly block: Uint8Array;
  readonly samples: Samples;
}

// ReadResponse.results and QueryResult.timeseries.
const FIELD_1 = 0x0a;

/** Writes a prometheus.ReadResponse, series by series, in the order of the queries. Not compressed. */
export class ReadResponseEncoder {
  readonly #out = new ByteWriter();
  readonly #result = new ByteWriter();

  addSeries({ block, samples }: ReadSeries): void {
    const result = this.#result;
    result.header(FIELD_1, block.length + samplesSize(samples.timesMs));
    result.copy(block);
    result.samples(samples.timesMs, samples.values);
  }

  /** Ends the answer to one query. */
  endQuery(): void {
    this.#out.header(FIELD_1, this.#result.length);
    this.#out.copy(this.#result.written);
    this.#result.length = 0;
  }

  /** What is written so far; valid until more is. */
  get written(): Uint8Array {
    return this.#out.written;
  }
}

function samplesSize(timesMs: Float64Array): number {
  let size = 0;
  for (let i = 0; i < timesMs.length; i++) size += fieldSize(10 + varintSize(timesMs[i]!));
  return size;
}
