/**
 * The value that would be at index `k` if `values` were sorted ascending; 0 ≤ k < length, none of them NaN. Moves them
 * about: afterwards none before `k` is larger than it and none behind is smaller. Hoare's selection, in expected O(n).
 */
export function orderStatistic(values: Float64Array, k: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}
