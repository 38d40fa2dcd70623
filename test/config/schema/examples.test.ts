import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TSchema, Type } from 'typebox';
import { parseSource } from '#src/config/document/source.js';
import { shapeChecker } from '#src/config/document/validate.js';
import { CONFIG_EXAMPLES, type Examples, WEB_EXAMPLES } from '#src/config/schema/examples.js';
import { ConfigFile } from '#src/config/schema/schema.js';
import { WebConfigFile } from '#src/config/schema/web-schema.js';

interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, TSchema & Shape>>;
  readonly items?: Shape;
}

/** Every key that holds a list or a map, with the one above it and what it may hold, at any depth. */
function keysOf(
  { properties = {}, items }: Shape,
  above = '',
): (readonly [above: string, key: string, schema: TSchema])[] {
  const below = Object.entries(properties).flatMap(([key, schema]) => {
    const own = schema.type === 'array' || schema.type === 'object' ? [[above, key, schema] as const] : [];
    return [...own, ...keysOf(schema, key)];
  });
  return [...below, ...(items === undefined ? [] : keysOf(items, above))];
}

for (const [file, schema, examples] of [
  ['configuration', ConfigFile, CONFIG_EXAMPLES],
  ['web configuration', WebConfigFile, WEB_EXAMPLES],
] as readonly [string, TSchema & Shape, Examples][]) {
  test(`every list and map of the ${file} has an example, which is right wherever the key is`, () => {
    const keys = keysOf(schema);
    assert.ok(keys.length > 4, `${keys.length} keys`);
    const found = new Set<string>();
    for (const [above, key, property] of keys) {
      const place = examples.has(`${above}.${key}`) ? `${above}.${key}` : key;
      found.add(place);
      // The hash of a password is shortened to be read.
      const text = examples.get(place)?.replace('…', 'a'.repeat(53));
      assert.ok(text !== undefined, `no example of ${above}.${key}`);
      const faults = shapeChecker(Type.Object({ [key]: property }), examples)(parseSource(text));
      assert.deepEqual(
        faults.map(({ problem }) => problem),
        [],
        text,
      );
    }
    assert.deepEqual([...found].sort(), [...examples.keys()].sort(), 'no example of a key that is none');
  });
}
