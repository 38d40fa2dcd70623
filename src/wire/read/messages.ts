import { join } from 'node:path';
import protobuf from 'protobufjs';

const root = new protobuf.Root();
root.resolvePath = (_origin, target) => join(import.meta.dirname, '../../../proto', target);
root.loadSync('remote_read.proto');

/** Messages of proto/ by reflection: for what is small. Bulk data is walked by `ProtoCursor` or written by a `Writer` instead. */
export const ReadRequestMessage = root.lookupType('prometheus.ReadRequest');
