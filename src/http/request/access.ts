import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Credentials } from '../../model/endpoint.js';
import { RequestError } from './failure.js';
import { type KnownHosts, unknownHostMessage } from './known-host.js';

/** What a request may be allowed: to send samples, to read what Sentio knows, to change what it does. */
export type Permission = 'write' | 'read' | 'admin';

export interface AccessOptions {
  /** Who has each permission; empty: everybody. */
  readonly logins: Readonly<Record<Permission, readonly Credentials[]>>;
  readonly hosts: KnownHosts;
}

/** Who may do what. */
export class Access {
  readonly #accepted: Readonly<Record<Permission, readonly Buffer[]>>;
  readonly #hosts: KnownHosts;

  constructor({ logins, hosts }: AccessOptions) {
    const digests = (permission: Permission) => logins[permission].flatMap(expectedHeaders).map(digest);
    this.#accepted = { write: digests('write'), read: digests('read'), admin: digests('admin') };
    this.#hosts = hosts;
  }

  /**
   * A hook that lets in a request whose login has the permission. Takes the same time whichever part of a login is wrong.
   * Where no login is set, everybody is let in who calls Sentio by a name that it is known to have.
   */
  require(permission: Permission): (request: FastifyRequest) => Promise<void> {
    const accepted = this.#accepted[permission];
    return async (request) => {
      if (accepted.length === 0) this.#checkHost(request);
      else checkLogin(request, accepted);
    };
  }

  #checkHost({ method, headers, raw }: FastifyRequest): void {
    // A browser would not take a certificate for another name.
    if ('encrypted' in raw.socket) return;
    // Prometheus may call Sentio by any name. A page cannot send this: browsers put Origin on every POST.
    if (method === 'POST' && isProtobuf(headers['content-type']) && headers.origin === undefined) return;
    if (!this.#hosts.includes(headers.host)) throw new RequestError('misdirected', unknownHostMessage(headers.host));
  }
}

function isProtobuf(contentType = ''): boolean {
  const [mediaType = ''] = contentType.split(';', 1);
  return mediaType.trim().toLowerCase() === 'application/x-protobuf';
}

function checkLogin({ headers }: FastifyRequest, accepted: readonly Buffer[]): void {
  const shown = digest(normalized(headers.authorization ?? ''));
  let known = false;
  for (const expected of accepted) known = timingSafeEqual(shown, expected) || known;
  if (known) return;
  throw new RequestError('unauthorized', 'the credentials are missing or wrong', {
    'www-authenticate': 'Basic realm="sentio", charset="UTF-8"',
  });
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
