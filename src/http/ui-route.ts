import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from './access/access.js';
import { RequestError } from './request/failure.js';

/** Where `npm run build` puts the page. */
export const PAGE_FOLDER = join(import.meta.dirname, '../page');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** In the order they are preferred: the name in Accept-Encoding, and what the file is called. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** Everything the page needs comes from here; it runs nothing and sends nothing anywhere else. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** One file of the page, as it is and compressed. */
interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
  readonly encoded: ReadonlyMap<string, Buffer>;
}

/**
 * `GET /`, the page, and its assets, from memory. The page is fetched again each time; what it names has a hash in its
 * name and is kept for ever. Readers alone may open it: a browser then asks for their credentials once, for the page and
 * the API alike. Where no page has been built, `/` says so.
 */
export async function uiRoute(
  app: FastifyInstance,
  { access, folder }: { access: Access; folder: string },
): Promise<void> {
  const index = await readPageFile(join(folder, 'index.html'));
  app.get('/', { exposeHeadRoute: true, onRequest: access.require('read') }, async (request, reply) => {
    if (index === undefined) throw new RequestError('unavailable', 'the page is not built: npm run build');
    reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    return send(request, reply, index, 'no-cache');
  });
  for (const name of index === undefined ? [] : await readdir(join(folder, 'assets'))) {
    const asset = await readPageFile(join(folder, 'assets', name));
    if (asset === undefined) continue;
    app.get(`/assets/${name}`, { exposeHeadRoute: true }, async (request, reply) =>
      send(request, reply, asset, 'public, max-age=31536000, immutable'),
    );
  }
}

function send(request: FastifyRequest, reply: FastifyReply, file: PageFile, caching: string): FastifyReply {
  const { encoding, body } = choose(file, request.headers['accept-encoding'] ?? '');
  const etag = `"${file.etag}${encoding === undefined ? '' : `-${encoding}`}"`;
  reply.headers({
    etag,
    vary: 'accept-encoding',
    'cache-control': caching,
  });
  if (knows(request.headers['if-none-match'], etag)) return reply.code(304).send();
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.type(file.type).send(body);
}

function choose(file: PageFile, accepted: string): { encoding: string | undefined; body: Buffer } {
  const names = accepted.split(',').filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part));
  const accepts = new Set(names.map((part) => part.split(';', 1)[0]!.trim().toLowerCase()));
  for (const [encoding, body] of file.encoded) if (accepts.has(encoding)) return { encoding, body };
  return { encoding: undefined, body: file.body };
}

/** Whether the client has what `etag` names; a proxy may have weakened the tag. */
function knows(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** Undefined where there is no such file, and for the compressed form of another. */
async function readPageFile(path: string): Promise<PageFile | undefined> {
  const type = TYPES[extname(path)];
  const body = await readIfThere(path);
  if (type === undefined || body === undefined) return undefined;
  const encoded = new Map<string, Buffer>();
  for (const [encoding, extension] of ENCODINGS) {
    const compressed = await readIfThere(path + extension);
    if (compressed !== undefined) encoded.set(encoding, compressed);
  }
  return { type, etag: createHash('sha256').update(body).digest('base64url').slice(0, 16), body, encoded };
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
