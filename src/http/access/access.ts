import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { SecretReader } from '../../lib/files/secret.js';
import { RequestError } from '../request/failure.js';
import { FailedLogins, type LoginFailure } from './failed-logins.js';
import { type KnownHosts, unknownHostMessage } from './known-host.js';
import { LoginList, type Logins, PERMISSIONS, type Permission } from './login-list.js';
import { LoginThrottle } from './login-throttle.js';

/** Users who have every permission, as `basic_auth_users` of Prometheus has them. */
export interface Users {
  /** Whether there are any now. */
  isEmpty(): Promise<boolean>;
  /**
   * Whether the password is that of the user, by the file as it is now, or was a second ago (`when`). Throws `RequestError`
   * where it cannot be checked now.
   */
  verify(username: string, password: string, when: keyof SecretReader): Promise<boolean>;
}

export interface AccessOptions {
  readonly logins: Logins;
  /** Where there are any, nothing but the probes and the assets of the page is open to everybody. */
  readonly users?: Users | undefined;
  readonly hosts: KnownHosts;
  readonly log: Logger;
  readonly now: () => number;
  readonly registry: Registry;
  /** Replaced in tests, which set its clock. */
  readonly throttle?: LoginThrottle;
}

type Hook = (request: FastifyRequest) => Promise<void>;

/** Who may do what. */
export class Access {
  readonly #logins: LoginList;
  readonly #users: Users | undefined;
  readonly #hosts: KnownHosts;
  readonly #throttle: LoginThrottle;
  readonly #failed: FailedLogins;

  constructor({ logins, users, hosts, throttle = new LoginThrottle(), ...rest }: AccessOptions) {
    this.#logins = new LoginList(logins, rest.log);
    this.#users = users;
    this.#hosts = hosts;
    this.#throttle = throttle;
    this.#failed = new FailedLogins(rest);
  }

  /**
   * A hook that lets in a request whose login has the permission. Where no login is set, everybody is let in who calls
   * Sentio by a name that it is known to have.
   */
  require(permission: Permission): Hook {
    return async (request) => {
      const hasUsers = await this.#hasUsers();
      if (!hasUsers && !this.#logins.has(permission)) {
        // Who may write or read is not therefore an administrator.
        if (permission === 'admin' && this.#logins.has()) {
          this.#refuse(
            'forbidden',
            permission,
            request,
            'nobody may: receiver.admins is empty, and other logins are set',
          );
        }
        this.#checkHost(request);
        return;
      }
      const allowed = await this.#permissionsOf(request, permission);
      if (!allowed.has(permission)) {
        this.#refuse('forbidden', permission, request, `this login does not have the permission: ${permission}`);
      }
    };
  }

  /** A hook that lets in everybody where there are no users, and else who has any permission. */
  requireUser(): Hook {
    return async (request) => {
      if (await this.#hasUsers()) await this.#permissionsOf(request, 'read');
    };
  }

  async #hasUsers(): Promise<boolean> {
    return this.#users !== undefined && !(await this.#users.isEmpty());
  }

  /** What the login of a request is allowed, which is something. */
  async #permissionsOf(request: FastifyRequest, wanted: Permission): Promise<Set<Permission>> {
    const { authorization } = request.headers;
    if (authorization === undefined) this.#refuse('missing', wanted, request, 'the credentials are missing');
    let allowed: Set<Permission> | undefined;
    try {
      allowed = await this.#throttle.guard(addressOf(request), authorization, () => this.#identify(authorization));
    } catch (error) {
      if (error instanceof RequestError) this.#count('slowed', wanted, request);
      throw error;
    }
    return allowed ?? this.#refuse('wrong', wanted, request, 'the credentials are wrong');
  }

  async #identify(authorization: string): Promise<Set<Permission> | undefined> {
    // A sender may have its new login a moment before the files here are looked at again, and loses what is refused.
    return (await this.#lookUp(authorization, 'current')) ?? this.#lookUp(authorization, 'latest');
  }

  async #lookUp(authorization: string, when: keyof SecretReader): Promise<Set<Permission> | undefined> {
    const allowed = await this.#logins.permissionsOf(authorization, when);
    if (allowed.size > 0) return allowed;
    const [username, password] = basicLogin(authorization) ?? [];
    if (username === undefined || password === undefined || this.#users === undefined) return undefined;
    return (await this.#users.verify(username, password, when)) ? new Set(PERMISSIONS) : undefined;
  }

  #refuse(failure: LoginFailure, permission: Permission, request: FastifyRequest, message: string): never {
    this.#count(failure, permission, request);
    if (failure === 'forbidden') throw new RequestError('forbidden', message);
    throw new RequestError('unauthorized', message, { 'www-authenticate': 'Basic realm="sentio", charset="UTF-8"' });
  }

  #count(failure: LoginFailure, permission: Permission, request: FastifyRequest): void {
    this.#failed.add(failure, permission, { address: addressOf(request), url: request.url });
  }

  #checkHost({ method, headers, raw }: FastifyRequest): void {
    // A browser would not take a certificate for another name.
    if ('encrypted' in raw.socket) return;
    // Prometheus may call Sentio by any name. A page cannot send this: browsers put Origin on every POST.
    if (method === 'POST' && isProtobuf(headers['content-type']) && headers.origin === undefined) return;
    if (!this.#hosts.includes(headers.host)) throw new RequestError('misdirected', unknownHostMessage(headers.host));
  }
}

/** Of the connection: what a client says of itself in headers is not trusted. */
function addressOf({ raw }: FastifyRequest): string {
  return raw.socket.remoteAddress ?? '';
}

/** Username and password of Basic authentication (RFC 7617). */
function basicLogin(authorization: string): [username: string, password: string] | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}

function isProtobuf(contentType = ''): boolean {
  const [mediaType = ''] = contentType.split(';', 1);
  return mediaType.trim().toLowerCase() === 'application/x-protobuf';
}
