import { METRIC_NAME } from '../../model/labels/labels.js';
import { METRIC_TYPES } from '../../model/samples/metric-type.js';
import { publishedUnit } from '../../model/settings/published-unit.js';
import { ByteWriter, fieldSize, varintSize } from '../core/byte-writer.js';
import { readVarint, type WriteRequestIndex } from './index-write-request.js';

// Tags of io.prometheus.write.v2: Request.symbols, Request.timeseries, TimeSeries.labels_refs and .metadata, Metadata.type and .unit_ref.
const SYMBOLS = 0x22;
const SERIES = 0x2a;
const LABEL_REFS = 0x0a;
const METADATA = 0x2a;
const METADATA_TYPE = 0x08;
const METADATA_UNIT = 0x20;
const GAUGE = METRIC_TYPES.indexOf('gauge');

/**
 * Rewrites some series of a remote-write 1.0 request as a 2.0 request: each label text once in the symbol table, refs in
 * the series, and with each its metadata: a gauge, with the unit of its source. Samples stay as they are: value and timestamp are
 * the same fields in both versions. The returned buffer is the caller's own.
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
    let unit = 0;
    while (cursor.pos < labelsEnd) {
      skipHead(cursor); // of the label; its name and value follow
      let isName = false;
      for (let part = 0; part < 2; part++) {
        const length = skipHead(cursor);
        const ref = symbols.ref(cursor.pos, cursor.pos + length);
        refs.varint(ref);
        if (part === 0) isName = symbols.isMetricName(ref);
        else if (isName) unit = symbols.unitOf(ref, cursor.pos, cursor.pos + length);
        cursor.pos += length;
      }
    }
    const metadataSize = 2 + (unit === 0 ? 0 : 1 + varintSize(unit));
    fields.header(SERIES, fieldSize(refs.length) + index.fieldEnds[i]! - labelsEnd + fieldSize(metadataSize));
    fields.header(LABEL_REFS, refs.length);
    fields.copy(refs.written);
    fields.copy(bytes, labelsEnd, index.fieldEnds[i]!);
    fields.header(METADATA, metadataSize);
    fields.header(METADATA_TYPE, GAUGE);
    if (unit !== 0) fields.header(METADATA_UNIT, unit);
  }
  return new Uint8Array(Buffer.concat([symbols.fields.written, fields.written]));
}

/** The texts of a request, each once, in the order they are met. */
class SymbolTable {
  readonly fields = new ByteWriter();
  readonly #bytes: Uint8Array;
  readonly #text: Buffer;
  readonly #refs = new Map<string, number>();
  /** By the symbol that is the name of a metric, the symbol that is its unit. */
  readonly #units = new Map<number, number>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.fields.header(SYMBOLS, 0); // symbols[0] is "", says the specification
  }

  /** The symbol of a text in the request. */
  ref(start: number, end: number): number {
    // As a key Latin-1 will do, whatever the text is in: it maps bytes to strings one to one.
    const key = this.#text.toString('latin1', start, end);
    return this.#refs.get(key) ?? this.#add(key, this.#bytes.subarray(start, end));
  }

  isMetricName(ref: number): boolean {
    return this.#refs.get(METRIC_NAME) === ref;
  }

  /** The symbol of the unit of a metric, by its name in the request; 0, the empty text, where it has none. */
  unitOf(name: number, start: number, end: number): number {
    let ref = this.#units.get(name);
    if (ref === undefined) {
      const unit = publishedUnit(this.#text.toString('utf8', start, end));
      ref = unit === '' ? 0 : (this.#refs.get(unit) ?? this.#add(unit, Buffer.from(unit)));
      this.#units.set(name, ref);
    }
    return ref;
  }

  #add(key: string, text: Uint8Array): number {
    const ref = this.#refs.size + 1;
    this.#refs.set(key, ref);
    this.fields.header(SYMBOLS, text.length);
    this.fields.copy(text);
    return ref;
  }
}

/** Skips tag and length of a field; returns the length. */
function skipHead(cursor: { bytes: Uint8Array; pos: number }): number {
  cursor.pos++;
  return readVarint(cursor);
}
