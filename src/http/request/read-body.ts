import type { IncomingMessage } from 'node:http';
import { RequestError } from './failure.js';
import type { InflightRequest } from './request-limiter.js';

/** Throws `RequestError` (413) for a body that announces itself larger than `maxBodyBytes`. */
export function checkAnnouncedLength(message: IncomingMessage, maxBodyBytes: number): void {
  const announced = Number(message.headers['content-length'] ?? 0);
  if (announced > maxBodyBytes) throw tooLarge(maxBodyBytes);
}

/**
 * Receives a body of at most `maxBodyBytes`, whatever length it announced. Throws `RequestError` (413, 503; 400 where the
 * client goes away) and then reads no further.
 */
export async function readBody(
  message: IncomingMessage,
  maxBodyBytes: number,
  inflight: InflightRequest,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) throw tooLarge(maxBodyBytes);
      inflight.addBytes(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError('badData', `the connection closed after ${bytes} bytes of the body`);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes);
}

/** The rest of the body is not worth waiting for, so the connection ends with the answer. */
function tooLarge(maxBodyBytes: number): RequestError {
  return new RequestError('tooLarge', `the body is larger than the limit of ${maxBodyBytes} bytes`, {
    connection: 'close',
  });
}
