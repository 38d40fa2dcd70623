import { createHmac, randomBytes } from 'node:crypto';
import type { SecretReader } from '../../lib/files/secret.js';
import type { Users } from './access.js';

/** Passwords that were right, so that Prometheus, which logs in with every request, costs nothing. */
const MAX_REMEMBERED = 1024;

export interface PasswordUsersOptions {
  /** The bcrypt hash of each user's password, as they are now, or were a second ago. */
  readonly hashes: (when: keyof SecretReader) => Promise<Readonly<Record<string, string>>>;
  /** Whether a password is that of a hash; takes its time. Throws `RequestError` where it cannot say now. */
  readonly compare: (password: string, hash: string) => Promise<boolean>;
}

/** The users of `basic_auth_users`. */
export class PasswordUsers implements Users {
  readonly #hashes: PasswordUsersOptions['hashes'];
  readonly #compare: PasswordUsersOptions['compare'];
  /** By digests of user, password and hash: a password that is changed is not remembered. */
  readonly #right = new Set<string>();
  #lastWrong = '';
  /** So that what is remembered is of no use to who reads the memory of an earlier process. */
  readonly #key = randomBytes(32);

  constructor({ hashes, compare }: PasswordUsersOptions) {
    this.#hashes = hashes;
    this.#compare = compare;
  }

  async isEmpty(): Promise<boolean> {
    return Object.keys(await this.#hashes('current')).length === 0;
  }

  async verify(username: string, password: string, when: keyof SecretReader): Promise<boolean> {
    const hashes = await this.#hashes(when);
    const isUser = Object.hasOwn(hashes, username);
    // An unknown user takes as long as a known one, by the hash of another, and does not get in with the password of that one.
    const hash = isUser ? hashes[username] : Object.values(hashes)[0];
    if (hash === undefined) return false;
    const login = this.#digest(username, password, hash);
    if (this.#right.has(login)) return true;
    // It was wrong a moment ago, and is no less so while the hash is the same.
    if (when === 'latest' && this.#lastWrong === login) return false;
    const isRight = (await this.#compare(password, hash)) && isUser;
    if (isRight) this.#remember(login);
    else this.#lastWrong = login;
    return isRight;
  }

  #digest(...parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest('base64');
  }

  #remember(login: string): void {
    this.#right.add(login);
    if (this.#right.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#right;
    this.#right.delete(oldest!);
  }
}
