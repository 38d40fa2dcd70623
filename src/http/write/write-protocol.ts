import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../request/failure.js';

export const WRITE_PROTOCOLS = ['1.0', '2.0'] as const;
export type WriteProtocol = (typeof WRITE_PROTOCOLS)[number];

const MESSAGES = new Map<string, WriteProtocol>([
  ['prometheus.WriteRequest', '1.0'],
  ['io.prometheus.write.v2.Request', '2.0'],
]);

/**
 * Which version of remote-write the headers announce. A sender that announces nothing speaks 1.0. Throws
 * `RequestError` (415) for any other content type or encoding.
 */
export function writeProtocol(headers: IncomingHttpHeaders): WriteProtocol {
  const encoding = headers['content-encoding'] ?? 'snappy';
  const protocol = protocolOf(headers['content-type'] ?? 'application/x-protobuf');
  if (protocol === undefined) {
    throw new RequestError(
      'wrongMediaType',
      `content type ${quoted(headers['content-type'])} is not application/x-protobuf, with proto=prometheus.WriteRequest or proto=io.prometheus.write.v2.Request`,
    );
  }
  if (encoding.trim().toLowerCase() !== 'snappy') {
    throw new RequestError('wrongMediaType', `content encoding ${quoted(encoding)} is not snappy`);
  }
  return protocol;
}

/** The version that a content type means, if any. */
export function protocolOf(contentType: string): WriteProtocol | undefined {
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (mediaType.toLowerCase() !== 'application/x-protobuf') return undefined;
  let protocol: WriteProtocol | undefined = '1.0';
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2);
    if (name.toLowerCase() === 'proto') protocol = MESSAGES.get(value.replace(/^"(.*)"$/, '$1'));
  }
  return protocol;
}

function quoted(header: string | undefined): string {
  return JSON.stringify((header ?? '').slice(0, 100));
}
