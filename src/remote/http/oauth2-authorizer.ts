import * as oauth from 'oauth4webapi';
import type { Logger } from 'pino';
import { type SecretReader, secretReader } from '../../lib/files/secret.js';
import type { OAuth2Settings } from '../../model/settings/endpoint.js';
import type { Authorizer, UnsignedRequest } from './authorizer.js';
import { Exchange } from './exchange.js';
import { SeenSecrets } from './seen-secrets.js';

const MAX_ANSWER_BYTES = 64 * 2 ** 10;
/** A token is used until this long before its end, as in Go's oauth2: the request takes its time. */
const EARLY_MS = 10_000;

export interface OAuth2Options {
  readonly timeoutMs: number;
  readonly userAgent: string;
  readonly now: () => number;
  readonly log?: Logger | undefined;
}

/** A token of OAuth 2.0 by client credentials: fetched when it is first needed, kept until shortly before it expires. */
export class OAuth2Authorizer implements Authorizer {
  readonly secrets = new SeenSecrets();
  readonly #settings: OAuth2Settings;
  readonly #options: OAuth2Options;
  readonly #secret: SecretReader;
  readonly #exchange: Exchange;
  #token: { readonly text: string; readonly untilMs: number; readonly secret: string; uses: number } | undefined;
  #fetching: Promise<void> | undefined;
  /** How the server wants to be shown the secret; found out at the first try. */
  #clientAuth: (secret: string) => oauth.ClientAuth = oauth.ClientSecretBasic;

  constructor(settings: OAuth2Settings, options: OAuth2Options) {
    this.#settings = settings;
    this.#options = options;
    const { tokenUrl: url, tls, proxy } = settings;
    this.#secret = secretReader(settings.clientSecret, { log: options.log });
    this.#exchange = new Exchange({ url, tls, proxy, timeoutMs: options.timeoutMs, log: options.log });
  }

  async headersFor({ signal }: UnsignedRequest): Promise<Readonly<Record<string, string>>> {
    const secret = await this.#secret.current();
    this.secrets.add(secret);
    const token = this.#token;
    if (token === undefined || token.secret !== secret || this.#options.now() >= token.untilMs) {
      // Requests that need a token at one time share one.
      this.#fetching ??= this.#fetch(secret, signal).finally(() => {
        this.#fetching = undefined;
      });
      await this.#fetching;
    }
    this.#token!.uses++;
    return { authorization: `Bearer ${this.#token!.text}` };
  }

  async renew(): Promise<boolean> {
    // One that is new and refused is not made better by another.
    const wasTaken = this.#token !== undefined && this.#token.uses > 1;
    this.#token = undefined;
    return wasTaken;
  }

  async close(): Promise<void> {
    await this.#exchange.close();
  }

  async #fetch(secret: string, signal: AbortSignal | undefined): Promise<void> {
    const { tokenUrl } = this.#settings;
    try {
      const answer = await this.#request(secret, this.#clientAuth, signal).catch((error) => {
        // RFC 6749 has a server know Basic; there are some that want it in the body, and say so in their own ways.
        if (this.#clientAuth === oauth.ClientSecretPost || !isRefusal(error)) throw error;
        return this.#request(secret, oauth.ClientSecretPost, signal).then((token) => {
          this.#clientAuth = oauth.ClientSecretPost;
          return token;
        });
      });
      const { access_token: text, expires_in: seconds } = answer;
      this.secrets.add(text);
      const untilMs =
        seconds === undefined ? Number.POSITIVE_INFINITY : this.#options.now() + seconds * 1000 - EARLY_MS;
      this.#token = { text, untilMs, secret, uses: 0 };
    } catch (cause) {
      throw new Error(`no token from ${new URL(tokenUrl).host}: ${describe(cause)}`, { cause });
    }
  }

  async #request(
    secret: string,
    clientAuth: (secret: string) => oauth.ClientAuth,
    signal: AbortSignal | undefined,
  ): Promise<oauth.TokenEndpointResponse> {
    const { clientId, tokenUrl, scopes, endpointParams } = this.#settings;
    const server = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl };
    const client = { client_id: clientId };
    const parameters = new URLSearchParams({
      ...endpointParams,
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    });
    const response = await oauth.clientCredentialsGrantRequest(server, client, clientAuth(secret), parameters, {
      // Whether it is https:// is up to the configuration.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (_url, { headers, body }) => {
        const answer = await this.#exchange.post(Buffer.from(String(body)), {
          headers: { ...headers, 'user-agent': this.#options.userAgent },
          maxAnswerBytes: MAX_ANSWER_BYTES,
          signal,
        });
        return new Response(Buffer.from(answer.body), {
          status: answer.status,
          headers: { 'content-type': answer.headers['content-type'] ?? '' },
        });
      },
    });
    return oauth.processClientCredentialsResponse(server, client, response);
  }
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof oauth.ResponseBodyError ||
    error instanceof oauth.WWWAuthenticateChallengeError ||
    (error instanceof oauth.OperationProcessingError && error.code === oauth.RESPONSE_IS_NOT_CONFORM)
  );
}

function describe(error: unknown): string {
  if (error instanceof oauth.ResponseBodyError) {
    return `HTTP ${error.status}: ${error.error}${error.error_description === undefined ? '' : `: ${error.error_description}`}`;
  }
  return (error as Error).message;
}
