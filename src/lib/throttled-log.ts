import type { Logger } from 'pino';

/** Warns of what may happen all the time: each message at most once an interval, with how often it was held back before. */
export class ThrottledLog {
  readonly #log: Pick<Logger, 'warn'>;
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #messages = new Map<string, { nextMs: number; heldBack: number }>();

  constructor(log: Pick<Logger, 'warn'>, intervalMs: number, now: () => number) {
    this.#log = log;
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** Logs a message or holds it back; returns whether it was logged. Messages are few and fixed: `details` hold what varies. */
  warn(details: object, message: string): boolean {
    const nowMs = this.#now();
    const past = this.#messages.get(message);
    if (past !== undefined && nowMs < past.nextMs) {
      past.heldBack++;
      return false;
    }
    this.#messages.set(message, { nextMs: nowMs + this.#intervalMs, heldBack: 0 });
    this.#log.warn({ ...details, heldBack: past?.heldBack ?? 0 }, message);
    return true;
  }
}
