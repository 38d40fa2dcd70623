import type { FastifyRequest } from 'fastify';
import { RequestError } from './failure.js';

/** A hook that lets in POST alone. */
export async function requirePost(request: FastifyRequest): Promise<void> {
  if (request.method === 'POST') return;
  throw new RequestError('wrongMethod', `${request.method} is not allowed: use POST`, { allow: 'POST' });
}
