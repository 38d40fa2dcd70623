/** Σ aᵢ·bᵢ. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Writes the products of all pairs of columns to a symmetric corner of `out`, from (first, first) on; rows are `stride`
 * long. Two by two columns at a time: four sums for four loads, twice as fast as one by one.
 */
export function writeGram(columns: readonly Float64Array[], out: Float64Array, stride: number, first: number): void {
  const last = columns.length - 1;
  for (let a = 0; a <= last; a += 2) {
    const nextA = Math.min(a + 1, last);
    for (let b = 0; b <= a; b += 2) {
      const nextB = Math.min(b + 1, last);
      multiplyPairs(columns[a]!, columns[nextA]!, columns[b]!, columns[nextB]!);
      const put = (i: number, j: number, product: number) => {
        out[(first + i) * stride + first + j] = product;
        out[(first + j) * stride + first + i] = product;
      };
      put(a, b, products[0]!);
      put(a, nextB, products[1]!);
      put(nextA, b, products[2]!);
      put(nextA, nextB, products[3]!);
    }
  }
}

const products = new Float64Array(4);

/** Leaves a₀·b₀, a₀·b₁, a₁·b₀, a₁·b₁ in `products`. */
function multiplyPairs(a0: Float64Array, a1: Float64Array, b0: Float64Array, b1: Float64Array): void {
  let sum00 = 0;
  let sum01 = 0;
  let sum10 = 0;
  let sum11 = 0;
  for (let i = 0; i < a0.length; i++) {
    const x0 = a0[i]!;
    const x1 = a1[i]!;
    const y0 = b0[i]!;
    const y1 = b1[i]!;
    sum00 += x0 * y0;
    sum01 += x0 * y1;
    sum10 += x1 * y0;
    sum11 += x1 * y1;
  }
  products[0] = sum00;
  products[1] = sum01;
  products[2] = sum10;
  products[3] = sum11;
}
