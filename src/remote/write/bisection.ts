/** Faults of the target on one part before the part itself is suspected. */
const FAULTS_BEFORE_SUSPICION = 3;
/**
 * Attempts per level of the bisection while nothing was accepted: what a target that refuses everything costs. If the target
 * fails on all of them, the next round has twice as many, so that a series that it accepts is found in the end.
 */
const FRUITLESS_ATTEMPTS_PER_LEVEL = 2;
/** Attempts per level of the bisection in all: enough to find some 60 bad series in 2,000. */
const ATTEMPTS_PER_LEVEL = 64;

interface Part {
  readonly series: readonly number[];
  faults: number;
}

/**
 * Decides how the series of one request are sent: all together first, and in halves where the target refuses them, so
 * that only the bad ones are lost. Parts are tried breadth first, which shows early whether the target accepts anything
 * at all.
 *
 * A fault (5xx) that persists is one of two things: a bad series that the target fails on (Prometheus 2.42 answers 500
 * to a sample too old for its out-of-order window), or a target that fails on everything. Either way the request is
 * halved, but a series is dropped only once the target has accepted another part. Until then all are retried, and the
 * caller removes with `retain` those that have grown too old.
 *
 * With `probe`, a target that has refused everything lately is not asked about every part again: a request that it refuses
 * is followed by one of its series alone, and only if that one is accepted is the rest sent in halves.
 */
export class Bisection {
  #parts: Part[];
  /** Parts that cannot be halved and that the target fails on, while nothing shows that it works at all. */
  #suspects: Part[] = [];
  #anyAccepted = false;
  #attempts = 0;
  /** Rounds in which the target failed on everything that was tried. */
  #fruitlessRounds = 0;
  readonly #levels: number;
  /** Which series is sent alone, counted from the first and beyond the last from the first again. */
  readonly #probe: number | undefined;

  /** Series are numbered from 0 to `seriesCount` − 1; there is at least one. `probe` is an integer ≥ 0. */
  constructor(seriesCount: number, { probe }: { probe?: number | undefined } = {}) {
    this.#probe = probe;
    this.#parts = [{ series: Array.from({ length: seriesCount }, (_, i) => i), faults: 0 }];
    this.#levels = Math.ceil(Math.log2(seriesCount)) + 1;
  }

  /** The series to send next; undefined when all are accounted for. The same array for as long as nothing changed. */
  get current(): readonly number[] | undefined {
    return this.#parts[0]?.series;
  }

  /** Whether the target has accepted any part. */
  get anyAccepted(): boolean {
    return this.#anyAccepted;
  }

  /** How many series are not accounted for. */
  get remaining(): number {
    return [...this.#parts, ...this.#suspects].reduce((sum, { series }) => sum + series.length, 0);
  }

  /** The target accepted the current part. */
  accepted(): void {
    if (!this.#anyAccepted) this.#attempts = 0;
    this.#anyAccepted = true;
    this.abandoned();
  }

  /** The current part is dropped, for a reason that does not concern the others. */
  abandoned(): void {
    this.#parts.shift();
    this.#recallSuspects();
  }

  /** Drops everything that is not accounted for, and returns how much that was. */
  abandonAll(): number {
    const { remaining } = this;
    this.#parts = [];
    this.#suspects = [];
    return remaining;
  }

  /** Removes the series of the current part for which `keep` is false; returns how many. */
  retain(keep: (series: number) => boolean): number {
    const part = this.#parts[0];
    if (part === undefined) return 0;
    const series = part.series.filter(keep);
    const removed = part.series.length - series.length;
    if (series.length === 0) this.abandoned();
    else if (removed > 0) this.#parts[0] = { series, faults: part.faults };
    return removed;
  }

  /** The target refused the current part. Returns the series that are dropped: none where it could be halved. */
  refused(): readonly number[] {
    this.#attempts++;
    if (this.#probe !== undefined && !this.#anyAccepted) return this.#probeRefused(this.#probe);
    const part = this.#parts.shift()!;
    const lost = this.#halve(part, 0) ? [] : part.series;
    this.#recallSuspects();
    return lost;
  }

  /** The target failed on the current part. Returns the series that are dropped. */
  faulted(): readonly number[] {
    const part = this.#parts[0]!;
    part.faults++;
    if (part.faults < FAULTS_BEFORE_SUSPICION) return [];
    this.#attempts++;
    this.#parts.shift();
    let lost: readonly number[] = [];
    // The whole part was retried, so a half gets one attempt; a single series is retried in full.
    if (!this.#halve(part, FAULTS_BEFORE_SUSPICION - 1)) {
      if (this.#anyAccepted) lost = part.series;
      else this.#suspects.push(part);
    }
    this.#recallSuspects();
    return lost;
  }

  /** After the request one series of it, after that one nothing. */
  #probeRefused(probe: number): readonly number[] {
    const series = [...this.#parts, ...this.#suspects].flatMap((part) => part.series);
    this.#suspects = [];
    if (this.#parts[0]!.series.length === 1) {
      this.#parts = [];
      return series;
    }
    const alone = series[probe % series.length]!;
    this.#parts = [[alone], series.filter((i) => i !== alone)].map((part) => ({ series: part, faults: 0 }));
    return [];
  }

  #halve({ series }: Part, faults: number): boolean {
    const fruitless = FRUITLESS_ATTEMPTS_PER_LEVEL * 2 ** this.#fruitlessRounds;
    const perLevel = this.#anyAccepted ? ATTEMPTS_PER_LEVEL : fruitless;
    if (series.length === 1 || this.#attempts > perLevel * this.#levels) return false;
    const middle = series.length >> 1;
    for (const half of [series.slice(0, middle), series.slice(middle)]) {
      this.#parts.push({ series: half, faults: half.length === 1 ? 0 : faults });
    }
    return true;
  }

  /** Where only suspects are left, they get another chance: each by itself if the target works, else all together. */
  #recallSuspects(): void {
    if (this.#parts.length > 0 || this.#suspects.length === 0) return;
    if (this.#anyAccepted) {
      this.#parts = this.#suspects.map(({ series }) => ({ series, faults: 0 }));
    } else {
      const series = this.#suspects.flatMap((part) => part.series).sort((a, b) => a - b);
      this.#parts = [{ series, faults: 0 }];
      this.#attempts = 0;
      this.#fruitlessRounds++;
    }
    this.#suspects = [];
  }
}
