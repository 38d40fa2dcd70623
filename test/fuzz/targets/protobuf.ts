import { encodeProto } from '../../wire/proto.js';
import { T0 } from './input.js';

/** What a decoder may take of a message. */
export const MAX_ROWS = 10_000;

/** Parts of messages that targets begin with. */
export const LABELS = [
  { name: '__name__', value: 'up' },
  { name: 'job', value: 'a' },
];
export const SAMPLES = [
  { value: 1, timestamp: T0 },
  { value: -0.5, timestamp: T0 + 15_000 },
];

/** Bytes that messages with series have. */
export const PROTO_TOKENS = [
  Buffer.from('0a085f5f6e616d655f5f', 'hex'),
  Buffer.from('09000000000000f03f1080d095ffbc31', 'hex'),
  encodeProto('prometheus.Label', { name: 'a', value: 'b' }),
  encodeProto('prometheus.Sample', SAMPLES[0]!),
];
