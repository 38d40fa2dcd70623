// An independent encoder: protobufjs by reflection on our own .proto files.
import { join } from 'node:path';
import protobuf from 'protobufjs';

const root = new protobuf.Root();
const REPOSITORY = join(import.meta.dirname, '../..');
/** What ships with Sentio lies in proto/; the rest of the protocol, which only tests read by reflection, beside the tests. */
root.resolvePath = (_origin, target) =>
  join(REPOSITORY, target === 'remote_read.proto' ? 'proto' : 'test/wire/proto', target);
root.loadSync(['remote_write_1.proto', 'remote_write_2.proto', 'remote_read.proto', 'remote_read_response.proto']);

export const protoRoot = root;

/** Encodes a plain object; fields are named as in the .proto file, in camel case. */
export function encodeProto(type: string, message: object): Uint8Array {
  const messageType = root.lookupType(type);
  return messageType.encode(messageType.fromObject(message)).finish();
}

/** Decodes to a plain object in which every int64 is a number and repeated fields are always there. */
export function decodeProto<T>(type: string, bytes: Uint8Array): T {
  const messageType = root.lookupType(type);
  return messageType.toObject(messageType.decode(bytes), { longs: Number, arrays: true }) as T;
}
