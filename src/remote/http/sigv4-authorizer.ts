import { homedir } from 'node:os';
import { join } from 'node:path';
import aws4 from 'aws4';
import type { Logger } from 'pino';
import { UsageError } from '../../lib/errors.js';
import { MAX_SECRET_BYTES } from '../../lib/files/secret.js';
import { WatchedFiles } from '../../lib/files/watched-files.js';
import type { SigV4Settings } from '../../model/settings/endpoint.js';
import type { Authorizer, UnsignedRequest } from './authorizer.js';
import type { Environment } from './proxy.js';
import { SeenSecrets } from './seen-secrets.js';

/** Amazon Managed Service for Prometheus, as in Prometheus' own `sigv4`. */
const SERVICE = 'aps';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SigV4Options {
  readonly env: Environment;
  readonly now: () => number;
  readonly log?: Logger | undefined;
}

/**
 * Signs requests as AWS wants them (Signature Version 4). Keys are those of the configuration, else those of the
 * environment unless a profile is named, else those of the shared credentials file, which may change at any time.
 */
export class SigV4Authorizer implements Authorizer {
  readonly secrets = new SeenSecrets();
  readonly #region: string;
  readonly #now: () => number;
  readonly #keys: () => Promise<Keys>;

  constructor(settings: SigV4Settings, { env, now, log }: SigV4Options) {
    this.#region = settings.region;
    this.#now = now;
    this.#keys = keyReader(settings, env, log);
  }

  async headersFor({ url, headers, body }: UnsignedRequest): Promise<Readonly<Record<string, string>>> {
    const keys = await this.#keys();
    this.secrets.add(keys.secretAccessKey, ...(keys.sessionToken === undefined ? [] : [keys.sessionToken]));
    const signed = aws4.sign(
      {
        service: SERVICE,
        region: this.#region,
        method: 'POST',
        host: url.host,
        path: url.pathname + url.search,
        headers: { ...headers, 'X-Amz-Date': amzDate(this.#now()) },
        body: Buffer.from(body),
      },
      keys,
    );
    const wanted = Object.entries(signed.headers ?? {}).filter(([name]) => /^(authorization|x-amz-.*)$/i.test(name));
    return Object.fromEntries(wanted.map(([name, value]) => [name.toLowerCase(), String(value)]));
  }

  async renew(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {}
}

function keyReader({ keys, profile }: SigV4Settings, env: Environment, log: Logger | undefined): () => Promise<Keys> {
  if (keys !== undefined) {
    return async () => ({ accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey });
  }
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (profile === undefined && accessKeyId && secretAccessKey) {
    return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  }
  const path = env.AWS_SHARED_CREDENTIALS_FILE ?? join(homedir(), '.aws', 'credentials');
  const section = profile ?? env.AWS_PROFILE ?? 'default';
  const file = new WatchedFiles({
    paths: [path],
    maxBytes: MAX_SECRET_BYTES,
    make: ([text = '']) => keysOf(text, section),
    log,
  });
  return () => file.current();
}

/** The keys of a section of a shared credentials file, which is an INI file. */
function keysOf(text: string, section: string): Keys {
  const values = new Map<string, string>();
  let isWanted = false;
  for (const line of text.split(/\r?\n/).map((raw) => raw.trim())) {
    const [, header] = /^\[\s*(.+?)\s*\]/.exec(line) ?? [];
    if (header !== undefined) isWanted = header === section;
    const [, key, value] = /^([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (isWanted && key !== undefined && value !== undefined) values.set(key, value);
  }
  const accessKeyId = values.get('aws_access_key_id');
  const secretAccessKey = values.get('aws_secret_access_key');
  const sessionToken = values.get('aws_session_token');
  if (!accessKeyId || !secretAccessKey) throw new UsageError(`no keys of AWS are set for the profile ${section}`);
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/** `20260601T123000Z`. */
function amzDate(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
}
