import type { TrackedSeries } from './tracked-series.js';

/** Up to where the curve of a series was written, in Unix milliseconds, by the quantity in its names. */
export type FutureUntil = TrackedSeries['futureUntilMs'];

const VERSION = 1;
/** Some 10 MB. */
const MAX_SERIES = 50_000;
/** Series in one piece of the file. */
const SERIES_PER_PIECE = 1_000;

interface Line {
  /** The label block, in Latin-1. */
  readonly block: string;
  readonly until: FutureUntil;
}

/**
 * Up to where curves of the future were written of series that are not here: removed, or left out when the snapshot was loaded. One
 * that comes back goes on where it was. Lasts over restarts with `save` and `restore`.
 */
export class FormerCurves {
  readonly #maxSeries: number;
  /** By label block, the one that left last is last. */
  readonly #byBlock = new Map<string, FutureUntil>();
  #forgottenUntilMs = 0;

  /** `maxSeries`: how many are kept. */
  constructor(maxSeries = MAX_SERIES) {
    this.#maxSeries = maxSeries;
  }

  /** Up to here series may have been written that are no longer kept; 0 if there are none. */
  get forgottenUntilMs(): number {
    return this.#forgottenUntilMs;
  }

  /** Keeps up to where a series was written that is not here. */
  add(block: Uint8Array, untilMs: FutureUntil): void {
    this.#add(keyOf(block), untilMs);
  }

  /** Up to where a series was written that is here again. It stays, because a snapshot may just have been written without the series. */
  of(block: Uint8Array): FutureUntil {
    return this.#byBlock.get(keyOf(block)) ?? {};
  }

  /** Another Sentio writes the series. */
  forget(block: Uint8Array): void {
    this.#byBlock.delete(keyOf(block));
  }

  /** All of them, in pieces of UTF-8: lines of JSON. */
  *save(): Iterable<Uint8Array> {
    const lines = [JSON.stringify({ version: VERSION, forgotten: this.#forgottenUntilMs })];
    for (const [block, until] of this.#byBlock) {
      lines.push(JSON.stringify({ block, until } satisfies Line));
      if (lines.length >= SERIES_PER_PIECE) yield Buffer.from(`${lines.splice(0).join('\n')}\n`);
    }
    if (lines.length > 0) yield Buffer.from(`${lines.join('\n')}\n`);
  }

  /** Adds what `save` gave. Throws, with nothing added, for anything else. */
  restore(text: string): void {
    const [head = '', ...rest] = text.split('\n').slice(0, -1);
    const { version, forgotten } = JSON.parse(head) as { version: unknown; forgotten: number };
    if (version !== VERSION || !isTime(forgotten)) throw new Error('it is no list of curves of this version');
    const lines = rest.map((line) => JSON.parse(line) as Line);
    if (!lines.every(isLine)) throw new Error('it has a line that is no curve');
    this.#forgottenUntilMs = Math.max(this.#forgottenUntilMs, forgotten);
    for (const { block, until } of lines) this.#add(block, until);
  }

  #add(key: string, untilMs: FutureUntil): void {
    if (Object.keys(untilMs).length === 0) return;
    const merged = latestOf(this.#byBlock.get(key) ?? {}, untilMs);
    this.#byBlock.delete(key);
    this.#byBlock.set(key, merged);
    if (this.#byBlock.size <= this.#maxSeries) return;
    const [[oldest, forgotten]] = this.#byBlock as unknown as [[string, FutureUntil]];
    this.#byBlock.delete(oldest);
    this.#forgottenUntilMs = Math.max(this.#forgottenUntilMs, ...Object.values(forgotten));
  }
}

/** Up to where a series was written that both say something of. */
function latestOf(one: FutureUntil, other: FutureUntil): FutureUntil {
  const quantities = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...quantities].map((quantity) => [quantity, Math.max(one[quantity] ?? 0, other[quantity] ?? 0)]),
  );
}

function keyOf(block: Uint8Array): string {
  return Buffer.from(block).toString('latin1');
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}

function isLine(line: Partial<Line> | null): boolean {
  if (typeof line?.block !== 'string' || typeof line.until !== 'object' || line.until === null) return false;
  return Object.values(line.until).every(isTime);
}
