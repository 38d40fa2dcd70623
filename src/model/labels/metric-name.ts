import { type Labels, METRIC_NAME, makeLabels } from './labels.js';

const NAME_LABEL = Buffer.from('\x0a\x08__name__\x12');

/** The metric name in a canonical label block, read without decoding the other labels; `''` where there is none. */
export function metricNameOf(block: Uint8Array): string {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.length);
  for (let pos = 0; pos < bytes.length; ) {
    // Skips the tag of the label; then its body.
    const body = skipVarint(bytes, pos + 1);
    const labelEnd = body + readVarint(bytes, pos + 1);
    const valueLength = body + NAME_LABEL.length;
    if (bytes.compare(NAME_LABEL, 0, NAME_LABEL.length, body, Math.min(valueLength, labelEnd)) === 0) {
      return bytes.toString('utf8', skipVarint(bytes, valueLength), labelEnd);
    }
    pos = labelEnd;
  }
  return '';
}

function readVarint(bytes: Buffer, pos: number): number {
  let value = 0;
  for (let shift = 0; ; shift += 7, pos++) {
    value |= (bytes[pos]! & 0x7f) << shift;
    if (bytes[pos]! < 0x80) return value;
  }
}

function skipVarint(bytes: Buffer, pos: number): number {
  while (bytes[pos]! >= 0x80) pos++;
  return pos + 1;
}

/** The labels of the metric `name` that has all others of these, whether or not they have a name. */
export function withName(labels: Labels, name: string): Labels {
  const others = labels.filter((label) => label.name !== METRIC_NAME);
  return makeLabels([[METRIC_NAME, name], ...others.map((label) => [label.name, label.value] as const)]);
}
