import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import { checkCertificates } from '../../lib/files/check-certificates.js';
import { MAX_SECRET_BYTES } from '../../lib/files/secret.js';
import { WatchedFiles } from '../../lib/files/watched-files.js';
import type { ProxySettings, TlsSettings } from '../../model/settings/endpoint.js';
import { proxyFor } from './proxy.js';

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

/** Opens the connections to an origin: undici's pool, or a simulated network. */
export type OpenPool = (origin: string, options: Pool.Options) => Dispatcher;

export interface ExchangeOptions {
  readonly url: string;
  readonly tls?: TlsSettings | undefined;
  readonly proxy?: ProxySettings | undefined;
  readonly timeoutMs: number;
  /** Where it is said that certificates changed, or could not be used. */
  readonly log?: Logger | undefined;
  /** undici's by default. */
  readonly openPool?: OpenPool | undefined;
}

export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly maxAnswerBytes: number;
  /** Gives up before the timeout. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Requests to one URL over kept-alive connections, by a proxy where one is set. Certificates that change are used by the next
 * connections. Redirects are not followed: they would take credentials elsewhere.
 */
export class Exchange {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #options: ExchangeOptions;
  readonly #certificates: WatchedFiles<Dispatcher> | undefined;
  #dispatcher: Dispatcher | undefined;

  constructor(options: ExchangeOptions) {
    const { url, tls, timeoutMs, log } = options;
    this.#url = new URL(url);
    this.#timeoutMs = timeoutMs;
    this.#options = options;
    const files = TLS_FILES.flatMap(([key, option]) => (tls?.[key] === undefined ? [] : [{ path: tls[key], option }]));
    if (files.length === 0) this.#dispatcher = this.#connect({});
    else {
      const paths = files.map(({ path }) => path);
      this.#certificates = new WatchedFiles({
        paths,
        maxBytes: MAX_SECRET_BYTES,
        make: (texts) => {
          const pems = Object.fromEntries(files.map(({ option }, i) => [option, texts[i]!]));
          checkCertificates(pems, paths);
          return this.#connect(pems);
        },
        log,
      });
    }
  }

  /** Sends `body` and reads the answer; rejects where there is none within the timeout. */
  post(body: Uint8Array, options: RequestOptions): Promise<HttpAnswer> {
    return this.#request('POST', body, options);
  }

  /** Asks for what is there; rejects where there is no answer within the timeout. */
  get(options: RequestOptions): Promise<HttpAnswer> {
    return this.#request('GET', null, options);
  }

  async #request(
    method: 'GET' | 'POST',
    body: Uint8Array | null,
    { headers, maxAnswerBytes, signal }: RequestOptions,
  ): Promise<HttpAnswer> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new Error(`no response within ${this.#timeoutMs} ms`)), this.#timeoutMs);
    const onAbort = () => abort.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    try {
      signal?.throwIfAborted();
      const dispatcher = await this.#currentDispatcher();
      const answer = await dispatcher.request({
        origin: this.#url.origin,
        method,
        path: this.#url.pathname + this.#url.search,
        headers: { ...headers },
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

  /** Closes the connections; requests under way are cut off. */
  async close(): Promise<void> {
    await this.#dispatcher?.destroy();
  }

  async #currentDispatcher(): Promise<Dispatcher> {
    if (this.#certificates === undefined) return this.#dispatcher!;
    const current = await this.#certificates.current();
    if (current !== this.#dispatcher) {
      const former = this.#dispatcher;
      this.#dispatcher = current;
      // What is under way on it ends as it began.
      former?.close().catch(() => {});
    }
    return current;
  }

  #connect(pems: Readonly<Record<string, string>>): Dispatcher {
    const { tls, proxy, timeoutMs, openPool = (origin, options) => new Pool(origin, options) } = this.#options;
    const connect = { ...tlsOptions(tls), ...pems, timeout: timeoutMs };
    // One timer for the whole exchange, above, instead of one for each part of it.
    const timeouts = { headersTimeout: 0, bodyTimeout: 0 };
    const proxyUrl = proxyFor(this.#url, proxy, process.env);
    if (proxyUrl === undefined) return openPool(this.#url.origin, { connect, ...timeouts });
    return new ProxyAgent({
      uri: proxyUrl,
      headers: { ...proxy?.connectHeaders },
      requestTls: connect,
      proxyTls: { timeout: timeoutMs },
      // As every client does: a tunnel is for https:// alone, and many proxies refuse others.
      proxyTunnel: false,
      ...timeouts,
    });
  }
}

/** Keys of `TlsSettings` that name files, and the option of `node:tls` that wants what is in them. */
const TLS_FILES = [
  ['caFile', 'ca'],
  ['certFile', 'cert'],
  ['keyFile', 'key'],
] as const;

function tlsOptions(tls: TlsSettings | undefined) {
  if (tls === undefined) return {};
  const { serverName, minVersion, maxVersion, insecureSkipVerify } = tls;
  return {
    ...(serverName !== undefined && { servername: serverName }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
    rejectUnauthorized: !insecureSkipVerify,
  };
}

/** Reads up to `maxBytes` of a body; the rest is not waited for. Calls `giveUp`, which ends the body, where it hardly comes. */
async function readAtMost(body: AsyncIterable<Uint8Array>, maxBytes: number, giveUp: (error: Error) => void) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let before = 0;
  const watch = setInterval(() => {
    if (length - before < SLOWEST_BYTES) {
      giveUp(new Error(`the response is too slow: less than ${SLOWEST_BYTES} bytes came in ${SLOWEST_MS / 1000} s`));
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
