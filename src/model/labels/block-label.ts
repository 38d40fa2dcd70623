/**
 * The value of one label in a canonical label block, read without decoding the others; `''` where there is none. `name` is
 * in UTF-8.
 */
export function blockLabelValue(block: Uint8Array, name: Uint8Array): string {
  for (let pos = 0; pos < block.length; ) {
    // Each label: tag, length; name: tag, length, text; value: tag, length, text.
    const labelLength = readVarint(block, pos + 1);
    const nameField = skipVarint(block, pos + 1);
    const labelEnd = nameField + labelLength;
    const nameLength = readVarint(block, nameField + 1);
    const nameStart = skipVarint(block, nameField + 1);
    if (nameLength === name.length && isAt(block, nameStart, name)) {
      const valueStart = skipVarint(block, nameStart + nameLength + 1);
      return decode(block, valueStart, labelEnd);
    }
    pos = labelEnd;
  }
  return '';
}

function isAt(bytes: Uint8Array, pos: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[pos + i] !== text[i]) return false;
  return true;
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

function readVarint(bytes: Uint8Array, pos: number): number {
  let value = 0;
  for (let shift = 0; ; shift += 7, pos++) {
    value |= (bytes[pos]! & 0x7f) << shift;
    if (bytes[pos]! < 0x80) return value;
  }
}

function skipVarint(bytes: Uint8Array, pos: number): number {
  while (bytes[pos]! >= 0x80) pos++;
  return pos + 1;
}
