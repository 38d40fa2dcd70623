import type { FastifyRequest } from 'fastify';
import { RequestError } from './failure.js';

/** Methods that change nothing here. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A hook that refuses what a page of another origin has a browser send: browsers put `Origin` on every cross-origin request
 * that may change something, whatever its content type, and Prometheus and its like never do (Fetch standard, "append a
 * request `Origin` header").
 */
export async function refuseOtherOrigins({ method, headers }: FastifyRequest): Promise<void> {
  if (SAFE_METHODS.has(method)) return;
  const { origin, host, 'sec-fetch-site': site } = headers;
  const isForeign = origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host);
  if (isForeign || site === 'cross-site' || site === 'same-site') {
    throw new RequestError(
      'forbidden',
      `requests of pages of another origin are refused (Origin: ${origin ?? 'unknown'})`,
    );
  }
}
