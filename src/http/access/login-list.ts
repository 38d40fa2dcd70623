import { createHash, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { type SecretReader, secretReader } from '../../lib/files/secret.js';
import { ThrottledLog } from '../../lib/throttled-log.js';
import type { Credentials } from '../../model/settings/endpoint.js';

const WARN_INTERVAL_MS = 60_000;

/** What a request may be allowed: to send samples, to read what Sentio knows, to change what it does. */
export type Permission = 'write' | 'read' | 'admin';

export const PERMISSIONS = ['write', 'read', 'admin'] as const satisfies readonly Permission[];

/** Who has each permission; empty: nobody by this list. */
export type Logins = Readonly<Record<Permission, readonly Credentials[]>>;

interface Entry {
  readonly permission: Permission;
  /** The Authorization header of the login as its secret is now. */
  readonly header: (when: keyof SecretReader) => Promise<string>;
}

/** The logins of the configuration, whose secrets may change in their files at any time. */
export class LoginList {
  readonly #entries: readonly Entry[];
  readonly #warnings: ThrottledLog;

  constructor(logins: Logins, log: Logger) {
    this.#warnings = new ThrottledLog(log, WARN_INTERVAL_MS, () => performance.now());
    this.#entries = PERMISSIONS.flatMap((permission) =>
      logins[permission].map((credentials) => ({ permission, header: headerOf(credentials, log) })),
    );
  }

  /** Whether any login has a permission, or any at all. */
  has(permission?: Permission): boolean {
    return this.#entries.some((entry) => permission === undefined || entry.permission === permission);
  }

  /**
   * What the login in an Authorization header is allowed, by the secrets as they are now, or were a second ago (`when`).
   * Takes the same time whichever part of it is wrong.
   */
  async permissionsOf(authorization: string, when: keyof SecretReader): Promise<Set<Permission>> {
    const shown = digest(normalized(authorization));
    const expected = await Promise.all(
      this.#entries.map((entry) => entry.header(when).catch((error) => this.#unreadable(error))),
    );
    const allowed = new Set<Permission>();
    for (const [i, { permission }] of this.#entries.entries()) {
      const header = expected[i];
      if (header !== undefined && timingSafeEqual(shown, digest(normalized(header)))) allowed.add(permission);
    }
    return allowed;
  }

  /** A login whose file is gone keeps no other one out. */
  #unreadable({ message }: Error): undefined {
    this.#warnings.warn({ reason: message }, 'a login cannot be checked: its file cannot be read');
  }
}

function headerOf({ basicAuth, authorization }: Credentials, log: Logger): Entry['header'] {
  if (basicAuth !== undefined) {
    const { username, password } = basicAuth;
    const secret = secretReader(password, { log });
    return async (when) => `Basic ${Buffer.from(`${username}:${await secret[when]()}`).toString('base64')}`;
  }
  const { type = '', credentials = '' } = authorization ?? {};
  const secret = secretReader(credentials, { log });
  return async (when) => `${type} ${await secret[when]()}`;
}

/** The scheme is case-insensitive (RFC 9110, 11.1). */
function normalized(header: string): string {
  const [scheme = ''] = header.split(' ', 1);
  return `${scheme.toLowerCase()} ${header.slice(scheme.length).trim()}`;
}

/** Makes the texts equally long, as the comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
