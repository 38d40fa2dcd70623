import type { Samples } from '../../model/samples/columns.js';
import { ByteWriter, fieldSize, varintSize } from '../core/byte-writer.js';

/** A series in an answer to a remote-read: its label block, and its samples at ascending times ≥ 0. */
export interface ReadSeries {
  readonly block: Uint8Array;
  readonly samples: Samples;
}

// ReadResponse.results and QueryResult.timeseries; TimeSeries.samples; Sample.value and .timestamp.
const FIELD_1 = 0x0a;
const SAMPLES = 0x12;
const SAMPLE_VALUE = 0x09;
const SAMPLE_TIME = 0x10;
/** Of a sample in this century. */
const SAMPLE_BYTES = 18;
/** Samples of a template that are written in one go: some 1 ms. */
const PIECE_SAMPLES = 16_384;

/** Writes a prometheus.ReadResponse, query by query and series by series, into parts to be put together. Not compressed. */
export class ReadResponseEncoder {
  readonly #parts: Uint8Array[] = [];
  #result = new ByteWriter();
  /**
   * The samples of the last series' times, and where their values go: series of one grid differ in nothing but those.
   * A copy with other values takes a fifth of the time of writing every field (bench read).
   */
  readonly #template = new ByteWriter();
  #timesMs: Float64Array = new Float64Array(0);
  #valueOffsets = new Int32Array(0);

  /** Begins the answer to one query. */
  startQuery(series: readonly ReadSeries[]): void {
    let bytes = 0;
    for (const { block, samples } of series) bytes += fieldSize(block.length + SAMPLE_BYTES * samples.timesMs.length);
    this.#result = new ByteWriter(bytes);
  }

  /** Does most of what `addSeries` does of a series with these times, in pieces of work of a bounded size. */
  *prepare(timesMs: Float64Array): Generator<void> {
    if (timesMs === this.#timesMs) return;
    const template = this.#template;
    template.length = 0;
    this.#timesMs = timesMs;
    this.#valueOffsets = new Int32Array(timesMs.length);
    for (let i = 0; i < timesMs.length; i++) {
      template.header(SAMPLES, 10 + varintSize(timesMs[i]!));
      this.#valueOffsets[i] = template.length + 1;
      template.double(SAMPLE_VALUE, 0);
      template.header(SAMPLE_TIME, timesMs[i]!);
      if ((i + 1) % PIECE_SAMPLES === 0) yield;
    }
  }

  addSeries({ block, samples: { timesMs, values } }: ReadSeries): void {
    for (const _ of this.prepare(timesMs));
    const result = this.#result;
    result.header(FIELD_1, block.length + this.#template.length);
    result.copy(block);
    const start = result.length;
    result.copy(this.#template.written);
    result.setDoubles(start, this.#valueOffsets, values);
  }

  endQuery(): void {
    const header = new ByteWriter();
    header.header(FIELD_1, this.#result.length);
    this.#parts.push(header.written, this.#result.written);
  }

  /** The answers that are ended. */
  get parts(): readonly Uint8Array[] {
    return this.#parts;
  }
}
