import type { Logger } from 'pino';
import { secretReader } from '../../lib/files/secret.js';
import { checkHeaderValue } from '../../lib/header-value.js';
import type { Credentials } from '../../model/settings/endpoint.js';
import type { Authorizer } from './authorizer.js';
import { SeenSecrets } from './seen-secrets.js';

/** A username and a password, or a token: of the configuration, of files that may change, or of the URL. */
export class LoginAuthorizer implements Authorizer {
  readonly secrets = new SeenSecrets();
  readonly #header: HeaderReader;
  #last: string | undefined;

  /** The credentials of `url` are those of last resort. */
  constructor(credentials: Credentials, url: URL, log?: Logger) {
    this.#header = headerReader(credentials, url, this.secrets, log);
  }

  async headersFor(): Promise<Readonly<Record<string, string>>> {
    this.#last = await this.#header('current');
    return this.#last === undefined ? {} : { authorization: this.#last };
  }

  async renew(): Promise<boolean> {
    const last = this.#last;
    return (await this.#header('latest')) !== last;
  }

  async close(): Promise<void> {}
}

/** The value of the Authorization header, if there is one. */
type HeaderReader = (when: 'current' | 'latest') => Promise<string | undefined>;

function headerReader(
  { basicAuth, authorization }: Credentials,
  url: URL,
  secrets: SeenSecrets,
  log: Logger | undefined,
): HeaderReader {
  if (authorization !== undefined) {
    const { type, credentials } = authorization;
    const secret = secretReader(credentials, { check: (text) => checkHeaderValue(`${type} ${text}`), log });
    return async (when) => {
      const text = await secret[when]();
      secrets.add(text);
      return `${type} ${text}`;
    };
  }
  if (basicAuth !== undefined) {
    const { username, password } = basicAuth;
    const secret = secretReader(password, { log });
    return async (when) => basic(username, await secret[when](), secrets);
  }
  if (url.username === '' && url.password === '') return async () => undefined;
  const header = basic(decodeURIComponent(url.username), decodeURIComponent(url.password), secrets);
  return async () => header;
}

function basic(username: string, password: string, secrets: SeenSecrets): string {
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  secrets.add(password, encoded);
  return `Basic ${encoded}`;
}
