import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { JsonError, JsonReader } from '#src/remote/read/json-reader.js';

const readerOf = (text: string) => new JsonReader(Buffer.from(text, 'latin1'));

test('JsonReader.skip() takes what JSON.parse() does, and ends behind it', () => {
  void fc.assert(
    fc.property(fc.json({ maxDepth: 20 }), (text) => {
      const reader = new JsonReader(Buffer.from(`[ ${text} , 7]`));
      const seen: number[] = [];
      for (const _ of reader.elements()) {
        if (seen.length === 1) seen.push(reader.number());
        else {
          reader.skip();
          seen.push(0);
        }
      }
      reader.end();
      assert.deepEqual(seen, [0, 7]);
    }),
  );
});

test('JsonReader reads strings, numbers and names as JSON.parse() does', () => {
  void fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string()), (object) => {
      const reader = new JsonReader(Buffer.from(JSON.stringify(object)));
      const read: [string, string][] = [];
      for (const name of reader.names()) read.push([name, reader.string()]);
      assert.deepEqual(Object.fromEntries(read), JSON.parse(JSON.stringify(object)));
    }),
  );
  void fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(readerOf(JSON.stringify(value)).number(), JSON.parse(JSON.stringify(value)));
    }),
  );
});

function readAll(reader: JsonReader): void {
  reader.skip();
  reader.end();
}

test('JsonReader says what is not as expected, and where', () => {
  const cases: [name: string, read: (reader: JsonReader) => unknown, text: string, message: RegExp][] = [
    ['null for an object', (r) => [...r.names()], 'null', /expected an object at byte 0/],
    ['null for an array', (r) => [...r.elements()], ' null', /expected an array at byte 1/],
    ['a number for a string', (r) => r.string(), '1', /expected a string at byte 0/],
    ['a string for a number', (r) => r.number(), '"1"', /expected a number at byte 0/],
    ['no JSON number', (r) => r.number(), '0x1', /expected a number/],
    ['a bad escape', (r) => r.string(), '"\\x"', /expected a string at byte 1/],
    ['bytes that are no UTF-8', (r) => r.string(), '"\xff"', /expected a string at byte 1/],
    ['an end inside a string', (r) => r.skip(), '["abc', /the end of a string/],
    ['an end inside an array', (r) => r.skip(), '[1,', /expected a value at byte 3/],
    ['brackets that cross', (r) => r.skip(), '[{]}', /expected a value at byte 2/],
    ['nothing', (r) => r.skip(), '', /expected a value at byte 0/],
    ['10,000 levels', (r) => r.skip(), '['.repeat(10_000), /no more than 32 levels/],
    ['a long string', (r) => r.string(), `"${'a'.repeat(70_000)}"`, /a string of at most 65536 bytes/],
    ['much else', (r) => r.skip(), `[${'1,'.repeat(600_000)}1]`, /no more than 1048576 bytes of anything else/],
    ['white space', (r) => r.skip(), ' '.repeat(70_000), /65536 bytes of white space/],
    ['more behind the end', (r) => readAll(r), '{} {}', /expected the end at byte 3/],
  ];
  for (const [name, read, text, message] of cases) {
    assert.throws(
      () => read(readerOf(text)),
      (error: Error) => {
        assert.ok(error instanceof JsonError, `${name}: ${error}`);
        assert.match(error.message, message, name);
        return true;
      },
    );
  }
});
