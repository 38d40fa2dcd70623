/**
 * Ids ordered by when they are due, earliest first: a binary heap with an index, so that a due time can be moved and an
 * id taken out in O(log n). Ids are small non-negative integers; each is in the queue at most once.
 */
export class DueQueue {
  readonly #ids: number[] = [];
  readonly #dueMs: number[] = [];
  /** Heap position + 1 by id; 0 or absent where the id is not queued. */
  readonly #position: number[] = [];

  get size(): number {
    return this.#ids.length;
  }

  /** When the first id is due, in Unix milliseconds; Infinity when nothing is queued. */
  get nextDueMs(): number {
    return this.#dueMs[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Puts an id in the queue, or moves it to another due time. */
  set(id: number, dueMs: number): void {
    let at = (this.#position[id] ?? 0) - 1;
    if (at < 0) at = this.#ids.push(id) - 1;
    this.#dueMs[at] = dueMs;
    this.#position[id] = at + 1;
    this.#sink(this.#rise(at));
  }

  delete(id: number): void {
    const at = (this.#position[id] ?? 0) - 1;
    if (at < 0) return;
    const last = this.#ids.length - 1;
    this.#swap(at, last);
    this.#ids.pop();
    this.#dueMs.pop();
    this.#position[id] = 0;
    if (at < last) this.#sink(this.#rise(at));
  }

  /** Takes out the first id if it is due by `nowMs`, else undefined. */
  shiftDue(nowMs: number): number | undefined {
    if (this.nextDueMs > nowMs) return undefined;
    const id = this.#ids[0]!;
    this.delete(id);
    return id;
  }

  #rise(at: number): number {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#dueMs[parent]! <= this.#dueMs[at]!) break;
      this.#swap(at, parent);
      at = parent;
    }
    return at;
  }

  #sink(at: number): void {
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#ids.length) return;
      if (child + 1 < this.#ids.length && this.#dueMs[child + 1]! < this.#dueMs[child]!) child++;
      if (this.#dueMs[at]! <= this.#dueMs[child]!) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(a: number, b: number): void {
    const [idA, idB] = [this.#ids[a]!, this.#ids[b]!];
    const [dueA, dueB] = [this.#dueMs[a]!, this.#dueMs[b]!];
    this.#ids[a] = idB;
    this.#dueMs[a] = dueB;
    this.#ids[b] = idA;
    this.#dueMs[b] = dueA;
    this.#position[idB] = a + 1;
    this.#position[idA] = b + 1;
  }
}
