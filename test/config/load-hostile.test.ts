import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { ConfigError } from '#src/config/document/problems.js';
import { parseConfig } from '#src/config/load.js';
import { GOOD } from './testdata.js';

const TEXT = readFileSync(join(GOOD, 'everything.yml'), 'utf8');

/** Whether the text is taken; anything that is thrown must be a ConfigError with something to say. */
function isTaken(text: string): boolean {
  try {
    parseConfig(text, GOOD);
    return true;
  } catch (error) {
    assert.ok(error instanceof ConfigError, `${(error as Error).stack}\nfor\n${text}`);
    assert.ok(error.problems.length > 0 && error.problems.every(({ message }) => message !== ''), text);
    return false;
  }
}

test('parseConfig() throws nothing but ConfigError, whatever stands in place of any value', () => {
  const paths = valuePaths(parse(TEXT));
  const odd = [null, true, 0, -1, 1.5, 1e300, Number.NaN, '', 'x', '1h', '9999y', [], [null], [[]], {}, { x: null }];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.constantFrom<unknown>(...odd), (path, value) => {
      const file = parse(TEXT);
      const parent = path.slice(0, -1).reduce((node, key) => node[key], file);
      parent[path.at(-1)!] = value;
      isTaken(stringify(file));
    }),
    { numRuns: 400 },
  );
});

test('parseConfig() throws nothing but ConfigError for text with any piece cut out or doubled', () => {
  const at = fc.nat({ max: TEXT.length });
  fc.assert(
    fc.property(at, at, fc.boolean(), (a, b, isDoubled) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const piece = isDoubled ? TEXT.slice(from, to).repeat(2) : '';
      isTaken(TEXT.slice(0, from) + piece + TEXT.slice(to));
    }),
    { numRuns: 300 },
  );
});

test('the text that the others spoil is a good one', () => {
  assert.equal(isTaken(TEXT), true);
});

test('a header may be called as a property is that every object has', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];
  const headers = names.map((name) => `      ${name}: x-${name}`).join('\n');
  const { remoteWrite } = parseConfig(`remote_write:\n  - url: http://a/write\n    headers:\n${headers}\n`, GOOD);
  assert.deepEqual(
    remoteWrite.map((target) => Object.entries(target.headers)),
    [names.map((name) => [name, `x-${name}`])],
  );
});

/** Paths of all values in plain data, maps and lists among them. */
function valuePaths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, item]) => [[...path, key], ...valuePaths(item, [...path, key])]);
}
