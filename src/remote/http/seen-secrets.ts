/** Enough for a peer that answers to what it was shown some rotations ago. */
const MAX_SEEN = 16;

/** The secrets that a peer was shown last: what it answers may hold them. */
export class SeenSecrets implements Iterable<string> {
  readonly #seen = new Set<string>();

  add(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      // Behind the others again.
      this.#seen.delete(secret);
      this.#seen.add(secret);
    }
    for (const oldest of this.#seen) {
      if (this.#seen.size <= MAX_SEEN) break;
      this.#seen.delete(oldest);
    }
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#seen.values();
  }
}
