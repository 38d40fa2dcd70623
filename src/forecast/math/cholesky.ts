/**
 * A Cholesky factor L of a symmetric positive definite matrix A = L·Lᵀ, made row by row: a row depends only on those
 * above it, so one more row is O(size²), and removing a row costs only the rows below it.
 */
export class Cholesky {
  readonly #capacity: number;
  readonly #rows: Float64Array;
  readonly #inverseDiagonal: Float64Array;
  /** Rows made so far. */
  size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#rows = new Float64Array(capacity * capacity);
    this.#inverseDiagonal = new Float64Array(capacity);
  }

  /** Keeps the first `size` rows. */
  truncate(size: number): void {
    if (size < this.size) this.size = size;
  }

  /**
   * Adds the row `entries[0 … size]` of A, its diagonal last. Returns false, and adds nothing, where A would no longer
   * be positive definite to working precision: the new column is a combination of those before it.
   */
  append(entries: Float64Array): boolean {
    const { size } = this;
    const rows = this.#rows;
    const start = size * this.#capacity;
    const diagonal = entries[size]!;
    let rest = diagonal;
    for (let i = 0; i < size; i++) {
      const at = i * this.#capacity;
      let sum = entries[i]!;
      for (let j = 0; j < i; j++) sum -= rows[at + j]! * rows[start + j]!;
      sum *= this.#inverseDiagonal[i]!;
      rows[start + i] = sum;
      rest -= sum * sum;
    }
    if (!(rest > diagonal * MIN_PIVOT)) return false;
    this.#inverseDiagonal[size] = 1 / Math.sqrt(rest);
    this.size++;
    return true;
  }

  /** Solves A·x = b in place for the rows made so far. */
  solve(b: Float64Array): void {
    const { size } = this;
    const rows = this.#rows;
    const capacity = this.#capacity;
    for (let i = 0; i < size; i++) {
      let sum = b[i]!;
      for (let j = 0; j < i; j++) sum -= rows[i * capacity + j]! * b[j]!;
      b[i] = sum * this.#inverseDiagonal[i]!;
    }
    for (let i = size - 1; i >= 0; i--) {
      const x = b[i]! * this.#inverseDiagonal[i]!;
      b[i] = x;
      for (let j = 0; j < i; j++) b[j] = b[j]! - rows[i * capacity + j]! * x;
    }
  }
}

/** A pivot below this share of its diagonal is rounding: some p·2⁻⁵² for the p ≈ 100 rows at most in use, and a margin. */
const MIN_PIVOT = 1e-13;
