import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery } from '#src/http/request/parse-query.js';

test('a parameter counts the first time it is given, and a list has all of its values', () => {
  assert.deepEqual(parseQuery('a=1&a=2&b[]=1&b[]=2&c&__proto__=x&constructor[]=y'), {
    a: '1',
    'b[]': ['1', '2'],
    c: '',
    ['__proto__']: 'x',
    'constructor[]': ['y'],
  });
});

test('a hundred thousand parameters are read in one pass', { timeout: 30_000 }, () => {
  const names = Array.from({ length: 100_000 }, (_, i) => i.toString(36));
  assert.equal(Object.keys(parseQuery(names.join('&'))).length, names.length);
  const lists = parseQuery(names.map((name) => `${name}[]=`).join('&'));
  assert.equal(Object.keys(lists).length, names.length);
});
