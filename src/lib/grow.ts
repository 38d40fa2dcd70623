type Column = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** The column itself if it has `length` elements, else a copy at least twice as long, its new elements 0. */
export function grow<T extends Column>(column: T, length: number): T {
  if (length <= column.length) return column;
  const longer = new (column.constructor as new (length: number) => T)(Math.max(length, 2 * column.length, 64));
  longer.set(column);
  return longer;
}
