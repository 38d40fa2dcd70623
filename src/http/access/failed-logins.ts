import type { Logger } from 'pino';
import type { Counter, Registry } from 'prom-client';
import { counter } from '../../lib/metrics/metrics.js';
import { clientKey } from '../request/client-address.js';
import { PERMISSIONS, type Permission } from './login-list.js';

/** Of one address. */
const LOG_INTERVAL_MS = 60_000;
const MAX_ADDRESSES = 1024;
const MAX_PATH_LENGTH = 200;

/** `missing`: no login was shown. `wrong`: one that nobody has. `forbidden`: one without the permission. `slowed`: not checked, too many were wrong. */
const REASONS = ['missing', 'wrong', 'forbidden', 'slowed'] as const;
export type LoginFailure = (typeof REASONS)[number];

const MESSAGES: Readonly<Record<LoginFailure, string>> = {
  missing: 'a request came without a login',
  wrong: 'a login failed',
  forbidden: 'a login does not have the permission it needs',
  slowed: 'a login was not checked, because too many failed before it',
};

/** Counts requests that were not let in, and logs them: of each address one line a minute, with how many were held back before. */
export class FailedLogins {
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #total: Counter<'permission' | 'reason'>;
  readonly #addresses = new Map<string, { nextMs: number; heldBack: number }>();

  constructor({ log, now, registry }: { log: Logger; now: () => number; registry: Registry }) {
    this.#log = log;
    this.#now = now;
    this.#total = counter(
      registry,
      'sentio_http_failed_logins_total',
      'Requests that were refused for their login, by the permission they needed and by reason.',
      { permission: PERMISSIONS, reason: REASONS },
    );
  }

  add(failure: LoginFailure, permission: Permission, { address, url }: { address: string; url: string }): void {
    this.#total.inc({ permission, reason: failure });
    const client = clientKey(address);
    const nowMs = this.#now();
    const past = this.#addresses.get(client);
    if (past !== undefined && nowMs < past.nextMs) {
      past.heldBack++;
      return;
    }
    this.#addresses.delete(client);
    this.#addresses.set(client, { nextMs: nowMs + LOG_INTERVAL_MS, heldBack: 0 });
    if (this.#addresses.size > MAX_ADDRESSES) {
      const [oldest] = this.#addresses.keys();
      this.#addresses.delete(oldest!);
    }
    // A query may hold what is none of the log's business.
    const path = url.split('?', 1)[0]!.slice(0, MAX_PATH_LENGTH);
    this.#log.warn({ address, path, permission, heldBack: past?.heldBack ?? 0 }, MESSAGES[failure]);
  }
}
