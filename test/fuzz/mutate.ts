import type { Random } from '../ordinary-days/random.js';

const MAX_BYTES = 4096;
const MAX_MUTATIONS = 6;
/** Ends of ranges, as varints and as bytes. */
const INTERESTING = [
  [0],
  [0x7f],
  [0x80],
  [0xff],
  [0x80, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0, 0, 0, 0, 0, 0, 0xf0, 0x7f],
  [0x02, 0, 0, 0, 0, 0, 0xf0, 0x7f],
];

/** Another input made of one, or of two. `tokens` are what the format is made of. */
export function mutate(
  input: Uint8Array,
  other: Uint8Array,
  tokens: readonly Uint8Array[],
  random: Random,
): Uint8Array {
  let bytes = Buffer.from(input);
  const times = 1 + Math.floor(random.uniform() ** 2 * MAX_MUTATIONS);
  for (let i = 0; i < times; i++) bytes = mutateOnce(bytes, other, tokens, random);
  return bytes.subarray(0, MAX_BYTES);
}

function mutateOnce(
  bytes: Buffer,
  other: Uint8Array,
  tokens: readonly Uint8Array[],
  random: Random,
): Buffer<ArrayBuffer> {
  const at = Math.floor(random.uniform() * (bytes.length + 1));
  const length = Math.floor(random.scale(1, Math.max(2, bytes.length - at)));
  const replace = (part: Uint8Array, removed: number) =>
    Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + removed)]);
  switch (Math.floor(random.uniform() * 9)) {
    case 0:
      return replace(Buffer.of((bytes[at] ?? 0) ^ (1 << Math.floor(random.uniform() * 8))), 1);
    case 1:
      return replace(Buffer.of(Math.floor(random.uniform() * 256)), 1);
    case 2:
      return replace(Buffer.of(((bytes[at] ?? 0) + (random.uniform() < 0.5 ? 1 : 255)) & 0xff), 1);
    case 3:
      return replace(Buffer.alloc(0), length);
    case 4:
      return replace(Buffer.of(Math.floor(random.uniform() * 256)), 0);
    case 5:
      return replace(Uint8Array.from(random.pick(INTERESTING)), random.uniform() < 0.5 ? 1 : 0);
    case 6:
      // A part of it once more.
      return replace(Buffer.from(bytes.subarray(at, at + length)), 0);
    case 7: {
      const from = Math.floor(random.uniform() * other.length);
      return replace(other.subarray(from, from + length), random.uniform() < 0.5 ? length : 0);
    }
    default:
      return replace(tokens.length > 0 ? random.pick(tokens) : Buffer.of(0), random.uniform() < 0.3 ? length : 0);
  }
}
