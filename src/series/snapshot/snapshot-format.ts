import { crc32 } from 'node:zlib';
import { RecordReader, RecordWriter, SnapshotError } from './snapshot-record.js';

/*
 * The format of a snapshot. All numbers are little-endian, as is the memory of rings and models on every machine that
 * Node runs on.
 *
 *     head    magic (8 bytes), version (u32), time the snapshot was begun (f64, Unix ms), checksum
 *     frames  length of the records (u32), records, checksum
 *     end     a frame of length 0; nothing follows
 *
 * A checksum (u32) is the CRC-32 of every byte from the start of the file that is not itself a checksum: a frame that is
 * damaged, lost, or of another snapshot is noticed before its records are read, and a file that was cut off has no end.
 * A record is its length (u32) and its bytes: all there is of one series, first what the store keeps (series-snapshot.ts),
 * then what the engine does (engine/series/tracked-record.ts). A change of any of these increments the version.
 */
// As in PNG: a first byte that is no text, and line ends that a transfer as text would change.
const MAGIC = Buffer.from('\x89STO\r\n\x1a\n', 'latin1');
const VERSION = 10;
const HEAD_BYTES = MAGIC.length + 4 + 8;

/** Records are gathered up to this size: some 25 series, half a millisecond of copying and checksumming. */
const FRAME_BYTES = 256 * 1024;
/** No frame is longer, because no series is: a damaged length must not be allocated. */
const MAX_FRAME_BYTES = 64 * 2 ** 20;

/** Returns the next bytes of a snapshot, fewer only at its end; they are valid until the next call. */
export type ReadBytes = (length: number) => Promise<Uint8Array>;

/**
 * The bytes of a snapshot, in pieces that are valid until the next one. Series may be added and removed between two
 * pieces; the record of each is written in one piece.
 */
export function* encodeSnapshot(
  takenAtMs: number,
  ids: Iterable<number>,
  writeSeries: (id: number, record: RecordWriter) => void,
): Iterable<Uint8Array> {
  const piece = new RecordWriter();
  const records = new RecordWriter();
  let crc = 0;
  const closeFrame = () => {
    crc = crc32(piece.written, crc);
    piece.u32(crc);
    return piece.written;
  };
  const frame = () => {
    if (records.length > MAX_FRAME_BYTES)
      throw new RangeError(`Cannot write snapshot: a series takes ${records.length} bytes`);
    piece.clear();
    piece.bytes(records.written);
    records.clear();
    return closeFrame();
  };
  piece.raw(MAGIC);
  piece.u32(VERSION);
  piece.f64(takenAtMs);
  yield closeFrame();
  for (const id of ids) {
    records.record((record) => writeSeries(id, record));
    if (records.length >= FRAME_BYTES) yield frame();
  }
  if (records.length > 0) yield frame();
  yield frame();
}

/**
 * Reads a snapshot and hands over its records one by one, each valid during the call. Rejects with `SnapshotError` for
 * anything but a whole and undamaged snapshot of this version; records before the damage have been handed over by then.
 */
export async function decodeSnapshot(
  read: ReadBytes,
  readSeries: (record: RecordReader, takenAtMs: number) => void,
): Promise<void> {
  let crc = 0;
  const take = async (length: number) => {
    const bytes = await read(length);
    if (bytes.length < length) throw new SnapshotError('it is truncated');
    return new RecordReader(bytes);
  };
  const check = (reader: RecordReader) => {
    if (reader.u32() !== crc) throw new SnapshotError('a checksum is wrong');
  };

  const head = await take(HEAD_BYTES + 4);
  const covered = head.raw(HEAD_BYTES);
  crc = crc32(covered);
  const fields = new RecordReader(covered);
  if (MAGIC.compare(fields.raw(MAGIC.length)) !== 0) throw new SnapshotError('it is not a snapshot of Sentio');
  const version = fields.u32();
  if (version !== VERSION) {
    const maker = version > VERSION ? 'a newer' : 'an older';
    throw new SnapshotError(`it has version ${version}, made by ${maker} Sentio; this one reads ${VERSION}`);
  }
  check(head);
  const takenAtMs = fields.f64();

  for (;;) {
    const lengthField = (await take(4)).raw(4);
    crc = crc32(lengthField, crc);
    const length = new RecordReader(lengthField).u32();
    if (length > MAX_FRAME_BYTES) throw new SnapshotError(`it has a frame of ${length} bytes`);
    const frame = await take(length + 4);
    const records = frame.raw(length);
    crc = crc32(records, crc);
    check(frame);
    if (length === 0) break;
    for (const reader = new RecordReader(records); !reader.isAtEnd; ) readSeries(reader.record(), takenAtMs);
  }
  if ((await read(1)).length > 0) throw new SnapshotError('it has data after its end');
}
