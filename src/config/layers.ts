/** `File` with every key there that `BuiltIn` has, at every depth. */
export type Filled<File, BuiltIn> = Omit<File, keyof BuiltIn> & {
  [Key in keyof File & keyof BuiltIn]-?: NonNullable<File[Key]> extends readonly unknown[] | string | number | boolean
    ? NonNullable<File[Key]>
    : Filled<NonNullable<File[Key]>, BuiltIn[Key]>;
};

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
  const result: Record<string, unknown> = {};
  for (const key of new Set([file, inherited, builtIn].flatMap(Object.keys))) {
    const reset = Object.hasOwn(file, key) && file[key] === undefined;
    const layers = [builtIn[key], reset ? undefined : inherited[key], file[key]];
    const value = layers.some(isMap)
      ? merge(...(layers.map((layer) => (isMap(layer) ? layer : {})) as [Layer, Layer, Layer]))
      : layers.findLast((layer) => layer !== undefined);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function isMap(value: unknown): value is Layer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
