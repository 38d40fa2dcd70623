import type { IncomingHttpHeaders } from 'node:http';
import { Pool } from 'undici';
import type { Endpoint, TlsSettings } from '../../model/endpoint.js';

/** What a peer answered; `body` holds at most as many bytes as were asked for. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** There was more of the body than was asked for. */
  readonly truncated: boolean;
}

/** An answer that has begun and of which less than this comes in that time is given up: it may never end. */
const SLOWEST_BYTES = 1024;
const SLOWEST_MS = 10_000;

/** Shorter texts (a tenant header of `1`) are no secrets, and taking them out would leave nothing readable. */
const MIN_SECRET_LENGTH = 4;

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly maxAnswerBytes: number;
  /** Gives up before the endpoint's timeout. */
  readonly signal?: AbortSignal;
}

/**
 * Posts to one endpoint over kept-alive connections, with the endpoint's credentials, TLS and headers. Redirects are
 * not followed: they would take the credentials elsewhere.
 */
export class HttpClient {
  /** The endpoint's URL without anything secret, for logs. */
  readonly safeUrl: string;
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #secrets: readonly string[];
  readonly #timeoutMs: number;

  constructor(endpoint: Endpoint, userAgent: string) {
    const url = new URL(endpoint.url);
    const authorization = authorizationHeader(endpoint, url);
    this.safeUrl = redactUrl(endpoint.url);
    this.#path = url.pathname + url.search;
    this.#headers = {
      'user-agent': userAgent,
      // In one case, or a header that is set twice would be sent twice.
      ...Object.fromEntries(Object.entries(endpoint.headers).map(([name, value]) => [name.toLowerCase(), value])),
      ...(authorization !== undefined && { authorization }),
    };
    this.#secrets = secretsOf(endpoint, url, authorization);
    this.#timeoutMs = endpoint.timeoutMs;
    this.#pool = new Pool(url.origin, {
      connect: { ...tlsOptions(endpoint.tls), timeout: endpoint.timeoutMs },
      // One timer for the whole exchange, below, instead of one for each part of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Sends `body` and reads the answer; rejects where there is none within the endpoint's timeout. */
  async post(body: Uint8Array, { headers, maxAnswerBytes, signal }: PostOptions): Promise<HttpAnswer> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${this.#timeoutMs} ms`)), this.#timeoutMs);
    const onAbort = () => abort.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    try {
      signal?.throwIfAborted();
      const answer = await this.#pool.request({
        method: 'POST',
        path: this.#path,
        headers: { ...this.#headers, ...headers },
        body,
        signal: abort.signal,
      });
      const { bytes, truncated } = await readAtMost(answer.body, maxAnswerBytes, (error) => abort.abort(error));
      return { status: answer.statusCode, headers: answer.headers, body: bytes, truncated };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Takes this endpoint's secrets out of a text that came from the peer, which may echo what it was sent. */
  redact(text: string): string {
    return this.#secrets.reduce((safe, secret) => safe.replaceAll(secret, '***'), text);
  }

  /** Closes the connections; requests under way are cut off. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** A URL as it may be logged: without user, password and the values of its query. */
export function redactUrl(text: string): string {
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    url.username = '***';
    url.password = '';
  }
  for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, '***');
  return url.href;
}

function authorizationHeader({ credentials }: Endpoint, url: URL): string | undefined {
  if (credentials.authorization !== undefined) {
    return `${credentials.authorization.type} ${credentials.authorization.credentials}`;
  }
  if (credentials.basicAuth !== undefined) {
    return basic(credentials.basicAuth.username, credentials.basicAuth.password);
  }
  if (url.username === '' && url.password === '') return undefined;
  return basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function secretsOf(endpoint: Endpoint, url: URL, authorization: string | undefined): string[] {
  const secrets = [
    authorization?.slice(authorization.indexOf(' ') + 1) ?? '',
    endpoint.credentials.basicAuth?.password ?? '',
    url.password,
    decodeURIComponent(url.password),
    ...url.searchParams.values(),
    ...Object.values(endpoint.headers),
  ];
  // Longest first, so that no part of a secret is left when another is contained in it.
  return secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH).sort((a, b) => b.length - a.length);
}

function tlsOptions(tls: TlsSettings | undefined) {
  if (tls === undefined) return {};
  return {
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  };
}

/** Reads up to `maxBytes` of a body; the rest is not waited for. Calls `giveUp`, which ends the body, where it hardly comes. */
async function readAtMost(body: AsyncIterable<Uint8Array>, maxBytes: number, giveUp: (error: Error) => void) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let before = 0;
  const watch = setInterval(() => {
    if (length - before < SLOWEST_BYTES) {
      giveUp(new Error(`the answer does not end: less than ${SLOWEST_BYTES} bytes came in ${SLOWEST_MS / 1000} s`));
    }
    before = length;
  }, SLOWEST_MS);
  try {
    // Leaving the loop early destroys the stream, and with it the connection.
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) break;
    }
  } finally {
    clearInterval(watch);
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), truncated: length > maxBytes };
}
