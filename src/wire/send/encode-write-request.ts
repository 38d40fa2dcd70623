import { encodeLabelBlock } from '../../model/labels/label-block.js';
import { type Label, METRIC_NAME } from '../../model/labels/labels.js';
import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/samples/staleness.js';
import { ByteWriter, fieldSize, varintSize } from '../core/byte-writer.js';
import { HashSet } from '../core/hash-set.js';

/** What became of a sample given to `WriteRequestEncoder`. */
export const Encoded = {
  written: 0,
  /** The request already holds a sample of this series: send it first. */
  seriesTwice: 1,
  /** The source has no name to extend, or has a label of the extra label's name: it would become another series. */
  noSuchSeries: 2,
} as const;
export type Encoded = (typeof Encoded)[keyof typeof Encoded];

// Tags of WriteRequest.timeseries, TimeSeries.labels and Label.name; of TimeSeries.samples and Label.value; of Sample.
const FIELD_1 = 0x0a;
const FIELD_2 = 0x12;
const SAMPLE_VALUE = 0x09;
const SAMPLE_TIME = 0x10;
const METRIC_NAME_BYTES = Buffer.from(METRIC_NAME);

/** An extra label: its field in a label block, and the name by which it is sorted in. */
interface ExtraLabel {
  readonly field: Uint8Array;
  readonly name: Uint8Array;
}
const NO_EXTRA: ExtraLabel = { field: new Uint8Array(0), name: new Uint8Array(0) };

/**
 * Writes one remote-write 1.0 WriteRequest after another: series derived from source series by extending the name and
 * adding a label. A message for a series holds one sample; `repeats` allows several messages for one series in a request, as
 * a curve needs them: receivers take them as they take one with all of the samples. Works on label blocks, so no label becomes a string. The buffer grows to the
 * largest request and is reused.
 */
export class WriteRequestEncoder {
  readonly #out = new ByteWriter();
  readonly #seen: HashSet | undefined;
  readonly #suffixes = new Map<string, Uint8Array>();
  readonly #extras = new WeakMap<Label, ExtraLabel>();
  #sampleCount = 0;
  #oldestMs = Number.POSITIVE_INFINITY;
  #newestMs = Number.NEGATIVE_INFINITY;

  // What #scan found in a block: the name label, the text of the name, and the place of the extra label.
  #nameStart = 0;
  #nameTextStart = 0;
  #nameEnd = 0;
  #extraAt = 0;
  #fieldLength = 0;

  /** `expectedSamples`: how many samples a request usually gets; more are taken too. */
  constructor(expectedSamples: number, { repeats = false }: { repeats?: boolean } = {}) {
    this.#seen = repeats ? undefined : new HashSet(expectedSamples);
  }

  get sampleCount(): number {
    return this.#sampleCount;
  }

  get oldestMs(): number {
    return this.#oldestMs;
  }

  get newestMs(): number {
    return this.#newestMs;
  }

  /** The request so far; valid until the next call of a method. */
  get bytes(): Uint8Array {
    return this.#out.written;
  }

  get byteLength(): number {
    return this.#out.length;
  }

  /** Starts an empty request. */
  reset(): void {
    this.#out.length = 0;
    this.#seen?.clear();
    this.#sampleCount = 0;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    this.#newestMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Adds a sample of the series that `block` (canonical, see label-block.ts) becomes when `nameSuffix` is put behind
   * its name and `extra` among its labels. `timeMs` is an integer ≥ 0; no value means the stale marker, which ends the
   * series. Returns one of `Encoded`.
   *
   * Series are distinguished by a 32-bit hash, so `seriesTwice` is returned wrongly once in some thousand requests.
   */
  append(
    block: Uint8Array,
    nameSuffix: string,
    extra: Label | undefined,
    timeMs: number,
    value: number | undefined,
  ): Encoded {
    const encoded = this.#openSeries(block, nameSuffix, extra, timeMs);
    if (encoded !== Encoded.written) return encoded;
    const out = this.#out;
    if (value === undefined) out.bits64(SAMPLE_VALUE, STALE_NAN_HIGH, STALE_NAN_LOW);
    else out.double(SAMPLE_VALUE, value);
    out.header(SAMPLE_TIME, timeMs);
    this.#sampleCount++;
    if (timeMs < this.#oldestMs) this.#oldestMs = timeMs;
    if (timeMs > this.#newestMs) this.#newestMs = timeMs;
    return encoded;
  }

  /** Writes a TimeSeries up to the value of its sample. */
  #openSeries(block: Uint8Array, nameSuffix: string, extra: Label | undefined, timeMs: number): Encoded {
    const suffix = this.#suffixBytes(nameSuffix);
    const { field: extraField, name: extraName } = extra === undefined ? NO_EXTRA : this.#extraLabel(extra);
    if (!this.#scan(block, extraName)) return Encoded.noSuchSeries;

    const nameTextLength = this.#nameEnd - this.#nameTextStart + suffix.length;
    const nameLength = fieldSize(METRIC_NAME_BYTES.length) + fieldSize(nameTextLength);
    const oldNameSize = this.#nameEnd - this.#nameStart;
    const labelsSize = block.length - oldNameSize + fieldSize(nameLength) + extraField.length;
    const sampleLength = 9 + 1 + varintSize(timeMs);

    const out = this.#out;
    const start = out.length;
    out.header(FIELD_1, labelsSize + fieldSize(sampleLength));
    const labelsStart = out.length;
    if (this.#extraAt <= this.#nameStart) {
      out.copy(block, 0, this.#extraAt);
      out.copy(extraField);
      out.copy(block, this.#extraAt, this.#nameStart);
    } else {
      out.copy(block, 0, this.#nameStart);
    }
    out.header(FIELD_1, nameLength);
    out.header(FIELD_1, METRIC_NAME_BYTES.length);
    out.copy(METRIC_NAME_BYTES);
    out.header(FIELD_2, nameTextLength);
    out.copy(block, this.#nameTextStart, this.#nameEnd);
    out.copy(suffix);
    if (this.#extraAt <= this.#nameStart) {
      out.copy(block, this.#nameEnd);
    } else {
      out.copy(block, this.#nameEnd, this.#extraAt);
      out.copy(extraField);
      out.copy(block, this.#extraAt);
    }
    if (this.#seen !== undefined && !this.#seen.add(out.hash(labelsStart))) {
      out.length = start;
      return Encoded.seriesTwice;
    }
    out.header(FIELD_2, sampleLength);
    return Encoded.written;
  }

  /** Finds the name label of a block and the place of an extra label; false where no series can be derived. */
  #scan(block: Uint8Array, extraName: Uint8Array): boolean {
    let nameFound = false;
    let placeFound = extraName.length === 0;
    this.#extraAt = block.length;
    for (let start = 0; start < block.length && !(nameFound && placeFound); ) {
      const body = this.#openField(block, start);
      const end = body + this.#fieldLength;
      const labelNameStart = this.#openField(block, body);
      const labelNameEnd = labelNameStart + this.#fieldLength;
      if (!placeFound) {
        const order = compareBytes(block, labelNameStart, labelNameEnd, extraName);
        if (order === 0) return false;
        if (order > 0) {
          this.#extraAt = start;
          placeFound = true;
        }
      }
      if (!nameFound && compareBytes(block, labelNameStart, labelNameEnd, METRIC_NAME_BYTES) === 0) {
        this.#nameStart = start;
        this.#nameTextStart = this.#openField(block, labelNameEnd);
        this.#nameEnd = end;
        nameFound = true;
      }
      start = end;
    }
    return nameFound;
  }

  /** Skips tag and length of the field at `pos`: returns where its content starts, leaves its length in #fieldLength. */
  #openField(block: Uint8Array, pos: number): number {
    let length = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = block[++pos]!;
      length |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte > 0x7f);
    this.#fieldLength = length;
    return pos + 1;
  }

  #suffixBytes(suffix: string): Uint8Array {
    let bytes = this.#suffixes.get(suffix);
    if (bytes === undefined) {
      bytes = Buffer.from(suffix);
      this.#suffixes.set(suffix, bytes);
    }
    return bytes;
  }

  #extraLabel(label: Label): ExtraLabel {
    let extra = this.#extras.get(label);
    if (extra === undefined) {
      extra = { field: encodeLabelBlock([label]), name: Buffer.from(label.name) };
      this.#extras.set(label, extra);
    }
    return extra;
  }
}

/** Orders bytes [start, end) of `block` against `other`: negative, 0 or positive. */
function compareBytes(block: Uint8Array, start: number, end: number, other: Uint8Array): number {
  const length = end - start;
  const shared = Math.min(length, other.length);
  for (let i = 0; i < shared; i++) {
    const difference = block[start + i]! - other[i]!;
    if (difference !== 0) return difference;
  }
  return length - other.length;
}
