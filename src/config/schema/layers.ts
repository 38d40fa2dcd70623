/** `File` with every key there that `BuiltIn` has, at every depth. */
export type Filled<File, BuiltIn> = Omit<File, keyof BuiltIn> & {
  [Key in keyof File & keyof BuiltIn]-?: FilledValue<NonNullable<File[Key]>, BuiltIn[Key]>;
};

type FilledValue<Value, BuiltIn> = Value extends readonly unknown[] | string | number | boolean
  ? Value
  : Filled<Value, BuiltIn>;

type Layer = Readonly<Record<string, unknown>>;

/**
 * Lays `file` over `inherited` over `builtIn`, key by key at every depth; lists are taken as wholes. A key that `file`
 * has without a value means the built-in one again, whatever is inherited. The result is new; what it holds is shared.
 */
export function overlay<File extends object, BuiltIn extends object>(
  builtIn: BuiltIn,
  inherited: Partial<File>,
  file: File,
): Filled<File, BuiltIn> {
  return merge(builtIn as Layer, inherited as Layer, file as Layer) as Filled<File, BuiltIn>;
}

function merge(builtIn: Layer, inherited: Layer, file: Layer): Layer {
  // Entries, because `result[key] = …` would lose a header that is called `__proto__`.
  const entries: [string, unknown][] = [];
  for (const key of new Set([file, inherited, builtIn].flatMap(Object.keys))) {
    const reset = Object.hasOwn(file, key) && file[key] === undefined;
    const layers = [own(builtIn, key), reset ? undefined : own(inherited, key), own(file, key)];
    // A number over a map is no part of it.
    const top = layers.findLast((layer) => layer !== undefined);
    const value = isMap(top)
      ? merge(...(layers.map((layer) => (isMap(layer) ? layer : {})) as [Layer, Layer, Layer]))
      : top;
    if (value !== undefined) entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

/** The value of a key that the layer itself has: names of headers may be those of properties every object has. */
function own(layer: Layer, key: string): unknown {
  return Object.hasOwn(layer, key) ? layer[key] : undefined;
}

/** What names a series is one value: another one has labels of its own that have to match. */
function isMap(value: unknown): value is Layer {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, 'series');
}
