/** Σ aᵢ·bᵢ. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Writes the products of all pairs of columns to a symmetric corner of `out`, from (first, first) on; rows are `stride` long. */
export function writeGram(columns: readonly Float64Array[], out: Float64Array, stride: number, first: number): void {
  for (let a = 0; a < columns.length; a++) {
    for (let b = 0; b <= a; b++) {
      const product = dot(columns[a]!, columns[b]!);
      out[(first + a) * stride + first + b] = product;
      out[(first + b) * stride + first + a] = product;
    }
  }
}
