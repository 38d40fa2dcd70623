import type { Logger } from 'pino';
import type { Endpoint } from '../../model/settings/endpoint.js';
import type { Authorizer } from './authorizer.js';
import { Exchange, type HttpAnswer, type OpenPool, type RequestOptions } from './exchange.js';
import { LoginAuthorizer } from './login-authorizer.js';
import { OAuth2Authorizer } from './oauth2-authorizer.js';
import { SigV4Authorizer } from './sigv4-authorizer.js';

/** Shorter texts (a tenant header of `1`) are no secrets, and taking them out would leave nothing readable. */
const MIN_SECRET_LENGTH = 4;

const EMPTY = new Uint8Array(0);

export interface HttpClientOptions {
  readonly userAgent: string;
  /** Where it is said that secrets or certificates changed, or could not be used. */
  readonly log?: Logger | undefined;
  /** The clock, in Unix milliseconds; that of the machine unless set. */
  readonly now?: (() => number) | undefined;
  /** undici's by default. */
  readonly openPool?: OpenPool | undefined;
}

/** Requests to one endpoint, with the endpoint's login, TLS, proxy and headers. */
export class HttpClient {
  readonly #url: URL;
  readonly #exchange: Exchange;
  readonly #authorizer: Authorizer;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #secrets: readonly string[];

  constructor(endpoint: Endpoint, options: HttpClientOptions) {
    const url = new URL(endpoint.url);
    this.#url = url;
    this.#headers = {
      'user-agent': options.userAgent,
      // In one case, or a header that is set twice would be sent twice.
      ...Object.fromEntries(Object.entries(endpoint.headers).map(([name, value]) => [name.toLowerCase(), value])),
    };
    this.#secrets = secretsOf(endpoint, url);
    this.#authorizer = authorizerOf(endpoint, options);
    this.#exchange = new Exchange({ ...endpoint, log: options.log, openPool: options.openPool });
  }

  /** As it is configured, which may have secrets. */
  get url(): string {
    return this.#url.href;
  }

  /** Sends `body` and reads the answer; rejects where there is none within the endpoint's timeout. */
  post(body: Uint8Array, options: RequestOptions): Promise<HttpAnswer> {
    return this.#send(body, options);
  }

  /** Asks for what is at the endpoint; rejects where there is no answer within its timeout. */
  get(options: RequestOptions): Promise<HttpAnswer> {
    return this.#send(undefined, options);
  }

  /** Takes this endpoint's secrets out of a text that came from the peer, which may echo what it was sent. */
  redact(text: string): string {
    const secrets = [...this.#secrets, ...this.#authorizer.secrets]
      .filter(({ length }) => length >= MIN_SECRET_LENGTH)
      // Longest first, so that no part of a secret is left when another is contained in it.
      .sort((a, b) => b.length - a.length);
    return secrets.reduce((safe, secret) => safe.replaceAll(secret, '***'), text);
  }

  /** Closes the connections; requests under way are cut off. */
  async close(): Promise<void> {
    await Promise.all([this.#exchange.close(), this.#authorizer.close()]);
  }

  async #send(body: Uint8Array | undefined, options: RequestOptions): Promise<HttpAnswer> {
    const answer = await this.#sendOnce(body, options);
    // The login may have been replaced, or the token taken back, just now.
    return answer.status === 401 && (await this.#authorizer.renew()) ? this.#sendOnce(body, options) : answer;
  }

  async #sendOnce(body: Uint8Array | undefined, options: RequestOptions): Promise<HttpAnswer> {
    const { signal } = options;
    const headers = { ...this.#headers, ...options.headers };
    // No endpoint that is signed (SigV4 signs the method too) is asked with GET.
    const shown = await this.#authorizer.headersFor({ url: this.#url, headers, body: body ?? EMPTY, signal });
    const whole = { ...options, headers: { ...headers, ...shown } };
    return body === undefined ? this.#exchange.get(whole) : this.#exchange.post(body, whole);
  }
}

function authorizerOf(endpoint: Endpoint, { userAgent, log, now = Date.now }: HttpClientOptions): Authorizer {
  const { credentials, oauth2, sigv4, url, timeoutMs } = endpoint;
  if (oauth2 !== undefined) return new OAuth2Authorizer(oauth2, { timeoutMs, userAgent, now, log });
  if (sigv4 !== undefined) return new SigV4Authorizer(sigv4, { env: process.env, now, log });
  return new LoginAuthorizer(credentials, new URL(url), log);
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

/** Those that never change. */
function secretsOf({ headers, proxy }: Endpoint, url: URL): string[] {
  const proxyPassword = proxy?.url === undefined ? '' : new URL(proxy.url).password;
  return [
    url.password,
    decodeURIComponent(url.password),
    proxyPassword,
    decodeURIComponent(proxyPassword),
    ...url.searchParams.values(),
    ...Object.values(headers),
    ...Object.values(proxy?.connectHeaders ?? {}),
  ];
}
