import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Credentials } from '../../model/endpoint.js';
import { RequestError } from './failure.js';

/** A hook that lets in whoever shows one of `credentials`, or everybody where there are none. Takes the same time whichever part is wrong. */
export function authorize(credentials: readonly Credentials[]): (request: FastifyRequest) => Promise<void> {
  const accepted = credentials.flatMap(expectedHeaders).map(digest);
  return async (request) => {
    if (accepted.length === 0) return;
    const shown = digest(normalized(request.headers.authorization ?? ''));
    let known = false;
    for (const expected of accepted) known = timingSafeEqual(shown, expected) || known;
    if (known) return;
    throw new RequestError('unauthorized', 'the credentials are missing or wrong', {
      'www-authenticate': 'Basic realm="sentio", charset="UTF-8"',
    });
  };
}

function expectedHeaders({ basicAuth, authorization }: Credentials): string[] {
  const headers: string[] = [];
  if (basicAuth !== undefined) {
    headers.push(`Basic ${Buffer.from(`${basicAuth.username}:${basicAuth.password}`).toString('base64')}`);
  }
  if (authorization !== undefined) headers.push(`${authorization.type} ${authorization.credentials}`);
  return headers.map(normalized);
}

/** The scheme is case-insensitive (RFC 9110, 11.1). */
function normalized(header: string): string {
  const [scheme = ''] = header.split(' ', 1);
  return `${scheme.toLowerCase()} ${header.slice(scheme.length).trim()}`;
}

/** Makes the texts equally long, as the comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
