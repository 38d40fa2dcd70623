import type { FastifyRequest } from 'fastify';
import { RequestError } from '../request/failure.js';

/** Methods that change nothing here. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A hook that refuses what a page of another origin has a browser send: browsers put `Origin` on every cross-origin request
 * that may change something, whatever its content type, and Prometheus and its like never do (Fetch standard, "append a
 * request `Origin` header"). `externalUrl` is where browsers find Sentio if a proxy in between changes the Host.
 */
export function refuseOtherOrigins(externalUrl: URL | undefined): (request: FastifyRequest) => Promise<void> {
  return async ({ method, headers }) => {
    if (SAFE_METHODS.has(method)) return;
    const { origin, host, 'sec-fetch-site': site } = headers;
    const isOwn =
      origin === undefined ||
      origin === externalUrl?.origin ||
      (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase());
    if (!isOwn || site === 'cross-site' || site === 'same-site') {
      throw new RequestError(
        'forbidden',
        `requests from pages of another origin are refused (Origin: ${origin ?? 'unknown'})`,
      );
    }
  };
}

/**
 * A hook that refuses a request which a proxy in front may have read otherwise, and decided by that: with two Host headers or
 * another host in its address (RFC 9112, 3.2), or a body in another coding than chunked (6.1).
 */
export async function refuseAmbiguity({ raw: { rawHeaders, headers, url = '' } }: FastifyRequest): Promise<void> {
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1) throw new RequestError('badData', `there are ${hosts} Host headers, want one`);
  const [, named] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url) ?? [];
  if (named !== undefined && named.toLowerCase() !== headers.host?.toLowerCase()) {
    throw new RequestError('badData', 'the address names another host than the Host header');
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    throw new RequestError('badData', `transfer coding ${JSON.stringify(coding.slice(0, 100))} is not chunked`);
  }
}
