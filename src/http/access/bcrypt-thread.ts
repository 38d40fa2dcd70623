import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { RequestError } from '../request/failure.js';
import type { BcryptTask } from './bcrypt-worker.js';

/** Passwords that wait to be checked, 5 s of them at a cost of 10: known logins are not checked again. */
const MAX_WAITING = 16;
const RETRY_AFTER_SECONDS = 5;
const IDLE_MS = 60_000;

/** Compares passwords with bcrypt hashes, one at a time, in a thread that is there while it is needed. */
export class BcryptThread {
  readonly #pool = new Piscina<BcryptTask, boolean>({
    filename: fileURLToPath(new URL('bcrypt-worker.js', import.meta.url)),
    minThreads: 0,
    maxThreads: 1,
    maxQueue: MAX_WAITING,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });

  /** Throws `RequestError` (503) where too many wait. */
  async compare(password: string, hash: string): Promise<boolean> {
    if (this.#pool.queueSize >= MAX_WAITING) {
      throw new RequestError('unavailable', 'too many passwords wait to be checked', {
        'retry-after': String(RETRY_AFTER_SECONDS),
      });
    }
    return this.#pool.run({ password, hash });
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
