/** Indices of the items that have the same key as one before them. */
export function twins<T>(items: readonly T[], keyOf: (item: T) => unknown): number[] {
  const seen = new Set<unknown>();
  return [...items.keys()].filter((i) => {
    const key = keyOf(items[i]!);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
