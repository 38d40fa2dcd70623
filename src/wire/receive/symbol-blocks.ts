import { METRIC_NAME } from '../../model/labels/labels.js';
import { METRIC_TYPES, type MetricType } from '../../model/samples/metric-type.js';
import type { WriteSink } from '../../model/samples/write-sink.js';
import { grown } from '../core/columns.js';
import { ProtoCursor } from '../core/proto-cursor.js';
import { WireError } from '../core/wire-error.js';
import type { WriteBatch } from '../core/write-batch.js';
import type { LabelBlocks } from './resolve-series.js';

const FIRST_SYMBOLS = 1024;
const utf8 = new TextDecoder();
const NAME_BYTES = Buffer.from(METRIC_NAME);

/**
 * The symbol table of a 2.0 request, and the label blocks made from it, so that a series is found by the same bytes
 * whichever version its sender speaks. Made once and refilled.
 */
export class SymbolBlocks implements LabelBlocks {
  bytes = new Uint8Array(4096);
  readonly start = 0;
  end = 0;

  readonly #batch: WriteBatch;
  readonly #sink: WriteSink;
  readonly #maxSymbols: number;
  readonly #maxBlockBytes: number;
  #cursor = new ProtoCursor(new Uint8Array(0));
  #count = 0;
  #symbolStart = new Int32Array(0);
  #symbolEnd = new Int32Array(0);
  /** The type declared to the sink for the metric whose name is this symbol: it is declared once per request. */
  #declaredType = new Uint8Array(0);
  /** Of the blocks of the series before `#counted`, each once. */
  #blockBytes = 0;
  #counted = 0;
  /** The first series that there are no bytes left for. */
  #overLimit = Number.POSITIVE_INFINITY;

  /**
   * `maxBlockBytes` bounds the blocks of one request together: without it a few symbols, referred to often enough, would
   * expand without limit.
   */
  constructor(batch: WriteBatch, sink: WriteSink, limits: { maxSymbols: number; maxBlockBytes: number }) {
    this.#batch = batch;
    this.#sink = sink;
    this.#maxSymbols = limits.maxSymbols;
    this.#maxBlockBytes = limits.maxBlockBytes;
  }

  get count(): number {
    return this.#count;
  }

  readonly symbol = (ref: number): string | undefined => {
    if (ref >= this.#count) return undefined;
    return utf8.decode(this.#cursor.bytes.subarray(this.#symbolStart[ref], this.#symbolEnd[ref]));
  };

  /** Forgets the last request; symbols and references will be read from `body`. */
  clear(body: Uint8Array): void {
    this.#cursor = new ProtoCursor(body);
    this.#count = 0;
    this.#blockBytes = 0;
    this.#counted = 0;
    this.#overLimit = Number.POSITIVE_INFINITY;
    this.end = 0;
  }

  addSymbol(start: number, end: number): void {
    const row = this.#count;
    if (row === this.#symbolStart.length) {
      if (row >= this.#maxSymbols) throw new WireError('too_large', `the request contains more than ${row} symbols`);
      const rows = Math.min(Math.max(row * 2, FIRST_SYMBOLS), this.#maxSymbols);
      this.#symbolStart = grown(this.#symbolStart, new Int32Array(rows));
      this.#symbolEnd = grown(this.#symbolEnd, new Int32Array(rows));
      this.#declaredType = new Uint8Array(rows);
    }
    this.#symbolStart[row] = start;
    this.#symbolEnd[row] = end;
    this.#declaredType[row] = 0;
    this.#count = row + 1;
  }

  /**
   * Puts the label block of a series together. Declares the type of its metric to the sink before the series is first seen. Any
   * number of times, but for the first time in the order of the request.
   */
  select(series: number): string {
    if (series >= this.#overLimit) return this.#tooLong;
    const isFirst = series === this.#counted;
    if (isFirst) this.#counted++;
    const cursor = this.#cursor;
    const refsEnd = this.#batch.labelsEnd[series]!;
    cursor.pos = this.#batch.labelsStart[series]!;
    this.end = 0;
    let metricName = 0;
    while (cursor.pos < refsEnd) {
      const name = cursor.varint(refsEnd);
      if (cursor.pos === refsEnd) return 'it has an odd number of label references';
      const value = cursor.varint(refsEnd);
      const greater = Math.max(name, value);
      if (greater >= this.#count) return `label reference ${greater} is outside the table of ${this.#count} symbols`;
      if (!this.#append(name, value, isFirst)) {
        this.#overLimit = series;
        return this.#tooLong;
      }
      if (this.#isMetricName(name)) metricName = value;
    }
    if (metricName !== 0) this.#declareType(metricName, this.#batch.metricTypes[series]!);
    return '';
  }

  #declareType(metricName: number, type: number): void {
    if (this.#declaredType[metricName] === type) return;
    this.#declaredType[metricName] = type;
    const bytes = this.#cursor.bytes.subarray(this.#symbolStart[metricName], this.#symbolEnd[metricName]);
    this.#sink.setMetricType(familyOf(utf8.decode(bytes), METRIC_TYPES[type]!), METRIC_TYPES[type]!);
  }

  get #tooLong(): string {
    return `the labels of the request expand to more than ${this.#maxBlockBytes} bytes`;
  }

  #append(name: number, value: number, isFirst: boolean): boolean {
    const nameSize = this.#symbolEnd[name]! - this.#symbolStart[name]!;
    const valueSize = this.#symbolEnd[value]! - this.#symbolStart[value]!;
    const labelSize = 2 + varintSize(nameSize) + nameSize + varintSize(valueSize) + valueSize;
    const fieldSize = 1 + varintSize(labelSize) + labelSize;
    if (isFirst) {
      this.#blockBytes += fieldSize;
      if (this.#blockBytes > this.#maxBlockBytes) return false;
    }
    this.#reserve(fieldSize);
    this.#appendHeader(0x0a, labelSize);
    this.#appendHeader(0x0a, nameSize);
    this.#appendSymbol(name);
    this.#appendHeader(0x12, valueSize);
    this.#appendSymbol(value);
    return true;
  }

  #reserve(bytes: number): void {
    if (this.end + bytes <= this.bytes.length) return;
    const before = this.bytes;
    this.bytes = new Uint8Array(2 ** Math.ceil(Math.log2(this.end + bytes)));
    this.bytes.set(before);
  }

  #appendHeader(tag: number, size: number): void {
    this.bytes[this.end++] = tag;
    while (size > 0x7f) {
      this.bytes[this.end++] = (size & 0x7f) | 0x80;
      size >>>= 7;
    }
    this.bytes[this.end++] = size;
  }

  #appendSymbol(symbol: number): void {
    const from = this.#cursor.bytes;
    const to = this.bytes;
    const symbolEnd = this.#symbolEnd[symbol]!;
    let at = this.end;
    for (let i = this.#symbolStart[symbol]!; i < symbolEnd; i++) to[at++] = from[i]!;
    this.end = at;
  }

  #isMetricName(symbol: number): boolean {
    const start = this.#symbolStart[symbol]!;
    if (this.#symbolEnd[symbol]! - start !== NAME_BYTES.length) return false;
    for (let i = 0; i < NAME_BYTES.length; i++) if (this.#cursor.bytes[start + i] !== NAME_BYTES[i]) return false;
    return true;
  }
}

/** The family of a metric: the parts of a histogram or a summary are metrics of their own, its metadata is not. */
function familyOf(name: string, type: MetricType): string {
  return type === 'histogram' || type === 'gaugehistogram' || type === 'summary'
    ? name.replace(/_(?:bucket|count|sum|gcount|gsum)$/, '')
    : name;
}

function varintSize(value: number): number {
  let size = 1;
  for (; value > 0x7f; value >>>= 7) size++;
  return size;
}
