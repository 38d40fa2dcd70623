import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientKey } from '../request/client-address.js';
import { RequestError } from '../request/failure.js';

/** Doubled at every further failure of an address, up to the limit. */
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;
/** An address without a failure for this long begins anew. */
const FORGET_MS = 10 * 60_000;
/** Different logins of one address that are checked at one time while none has failed. */
const MAX_CHECKS = 4;
/** 1 MB of each. The oldest are forgotten. */
const MAX_ADDRESSES = 4096;
const MAX_KNOWN = 4096;
/** Answers that are held back at one time; others are given at once, and their addresses have to wait all the same. */
const MAX_HELD = 64;

interface Address {
  failures: number;
  lastFailureMs: number;
  blockedUntilMs: number;
  checks: number;
}

/**
 * Slows down guesses. After a failed login the answer is held back, longer each time, and other unknown logins of that
 * address are refused meanwhile. A login that was good for the address before is checked at once, so that nobody who shares
 * an address with a guesser (a proxy, a host) is locked out.
 */
export class LoginThrottle {
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<unknown>;
  readonly #addresses = new Map<string, Address>();
  /** Digests of the addresses and logins that were good. */
  readonly #known = new Set<string>();
  readonly #underWay = new Map<string, Promise<unknown>>();
  #held = 0;
  /** So that what is in memory is no hash of a password. */
  readonly #key = randomBytes(32);

  /** The clock is in milliseconds and need not be that of the day. */
  constructor({
    now = () => performance.now(),
    wait = (ms: number) => sleep(ms, undefined, { ref: false }),
  }: {
    readonly now?: () => number;
    readonly wait?: (ms: number) => Promise<unknown>;
  } = {}) {
    this.#now = now;
    this.#wait = wait;
  }

  /**
   * What `check` gives for a login (the Authorization header) that a client shows. Where that is undefined the answer is
   * held back. Throws `RequestError` (503) where the client has to wait before it tries another one.
   */
  async guard<T>(address: string, login: string, check: () => Promise<T | undefined>): Promise<T | undefined> {
    const client = clientKey(address);
    const attempt = createHmac('sha256', this.#key).update(client).update('\0').update(login).digest('base64');
    const isKnown = this.#known.has(attempt);
    if (!isKnown) this.#refuseBlocked(client, attempt);
    // The same login shown several times at once is one attempt. One connection of an address at most is held back: it is the
    // address that has to wait, and what is held takes a place that others need.
    const shared = this.#underWay.get(attempt) as Promise<T | undefined> | undefined;
    if (shared !== undefined) return shared;
    const checking = this.#check(client, attempt, check).finally(() => this.#underWay.delete(attempt));
    this.#underWay.set(attempt, checking);
    const result = await checking;
    if (result === undefined) await this.#holdBack(client);
    return result;
  }

  #refuseBlocked(client: string, attempt: string): void {
    const past = this.#addresses.get(client);
    if (past === undefined || this.#underWay.has(attempt)) return;
    const waitMs = past.blockedUntilMs - this.#now();
    const isBusy = past.checks >= (past.failures > 0 ? 1 : MAX_CHECKS);
    if (waitMs <= 0 && !isBusy) return;
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    throw new RequestError('unavailable', `too many failed logins, try again in ${seconds} s`, {
      'retry-after': String(seconds),
    });
  }

  async #check<T>(client: string, attempt: string, check: () => Promise<T | undefined>): Promise<T | undefined> {
    const state = this.#stateOf(client);
    state.checks++;
    let result: T | undefined;
    try {
      result = await check();
    } finally {
      state.checks--;
      if (state.checks === 0 && state.failures === 0) this.#addresses.delete(client);
    }
    this.#known.delete(attempt);
    if (result !== undefined) {
      remember(this.#known, attempt, MAX_KNOWN);
      return result;
    }
    this.#failed(client);
    return undefined;
  }

  async #holdBack(client: string): Promise<void> {
    const waitMs = (this.#addresses.get(client)?.blockedUntilMs ?? 0) - this.#now();
    if (waitMs <= 0 || this.#held >= MAX_HELD) return;
    this.#held++;
    await this.#wait(waitMs);
    this.#held--;
  }

  #stateOf(client: string): Address {
    const nowMs = this.#now();
    const past = this.#addresses.get(client);
    if (past !== undefined) {
      if (nowMs - past.lastFailureMs > FORGET_MS) past.failures = 0;
      return past;
    }
    const state = { failures: 0, lastFailureMs: nowMs, blockedUntilMs: Number.NEGATIVE_INFINITY, checks: 0 };
    this.#put(client, state);
    return state;
  }

  #failed(client: string): void {
    const state = this.#stateOf(client);
    state.failures++;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (state.failures - 1), MAX_DELAY_MS);
    state.lastFailureMs = this.#now();
    state.blockedUntilMs = state.lastFailureMs + delayMs;
    this.#put(client, state);
  }

  /** Behind the others, the oldest of which goes. */
  #put(client: string, state: Address): void {
    this.#addresses.delete(client);
    this.#addresses.set(client, state);
    if (this.#addresses.size <= MAX_ADDRESSES) return;
    const [oldest] = this.#addresses.keys();
    this.#addresses.delete(oldest!);
  }
}

function remember(set: Set<string>, item: string, most: number): void {
  set.add(item);
  if (set.size <= most) return;
  const [oldest] = set;
  set.delete(oldest!);
}
