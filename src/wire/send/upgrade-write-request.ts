import { ByteWriter, fieldSize } from '../core/byte-writer.js';
import { readVarint, type WriteRequestIndex } from './index-write-request.js';

// Tags of io.prometheus.write.v2: Request.symbols, Request.timeseries, TimeSeries.labels_refs.
const SYMBOLS = 0x22;
const SERIES = 0x2a;
const LABEL_REFS = 0x0a;

/**
 * Rewrites some series of a remote-write 1.0 request as a 2.0 request: each label text once in the symbol table, refs in
 * the series. Samples stay as they are: value and timestamp are the same fields in both versions. The returned buffer
 * is the caller's own.
 */
export function upgradeWriteRequest(index: WriteRequestIndex, series: readonly number[]): Uint8Array {
  const { bytes } = index;
  const symbols = new SymbolTable(bytes);
  const refs = new ByteWriter();
  const fields = new ByteWriter();
  const cursor = { bytes, pos: 0 };
  for (const i of series) {
    const labelsEnd = index.labelsEnds[i]!;
    refs.length = 0;
    cursor.pos = index.labelsStarts[i]!;
    while (cursor.pos < labelsEnd) {
      skipHead(cursor); // of the label; its name and value follow
      for (let part = 0; part < 2; part++) {
        const length = skipHead(cursor);
        refs.varint(symbols.ref(cursor.pos, cursor.pos + length));
        cursor.pos += length;
      }
    }
    fields.header(SERIES, fieldSize(refs.length) + index.fieldEnds[i]! - labelsEnd);
    fields.header(LABEL_REFS, refs.length);
    fields.copy(refs.written);
    fields.copy(bytes, labelsEnd, index.fieldEnds[i]!);
  }
  return new Uint8Array(Buffer.concat([symbols.fields.written, fields.written]));
}

/** The texts of a request, each once, in the order they are met. */
class SymbolTable {
  readonly fields = new ByteWriter();
  readonly #bytes: Uint8Array;
  readonly #text: Buffer;
  readonly #refs = new Map<string, number>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.fields.header(SYMBOLS, 0); // symbols[0] is "", says the specification
  }

  ref(start: number, end: number): number {
    // As a key Latin-1 will do, whatever the text is in: it maps bytes to strings one to one.
    const key = this.#text.toString('latin1', start, end);
    let ref = this.#refs.get(key);
    if (ref === undefined) {
      ref = this.#refs.size + 1;
      this.#refs.set(key, ref);
      this.fields.header(SYMBOLS, end - start);
      this.fields.copy(this.#bytes, start, end);
    }
    return ref;
  }
}

/** Skips tag and length of a field; returns the length. */
function skipHead(cursor: { bytes: Uint8Array; pos: number }): number {
  cursor.pos++;
  return readVarint(cursor);
}
