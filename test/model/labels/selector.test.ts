import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Matcher } from '#src/model/labels/matcher.js';
import { parseSelector, SelectorError } from '#src/model/labels/selector.js';

test('parseSelector() reads what Prometheus reads', () => {
  const cases: [text: string, matchers: string[]][] = [
    ['up', ['__name__=up']],
    ['job:up:sum', ['__name__=job:up:sum']],
    ['up{}', ['__name__=up']],
    ['up{job="a"}', ['__name__=up', 'job=a']],
    ['up{job="a", b!="c",d=~"e.*",f!~"g"}', ['__name__=up', 'job=a', 'b!=c', 'd=~e.*', 'f!~g']],
    ['{job="a",}', ['job=a']],
    [' up \n{ job = "a" , b = "" } # a comment', ['__name__=up', 'job=a', 'b=']],
    ['{__name__=~"a.+",__name__!="ab"}', ['__name__=~a.+', '__name__!=ab']],
    // Words of PromQL are names here.
    ['sum', ['__name__=sum']],
    ['{on="x",by="y",offset="z"}', ['on=x', 'by=y', 'offset=z']],
    // A matcher that accepts the empty string may stand beside one that does not.
    ['{job="a",b=""}', ['job=a', 'b=']],
    ['{job!=""}', ['job!=']],
    ['{job!~".*"}', ['job!~.*']],
    // Names of UTF-8 text stand in quotes; one without an operator is the metric's.
    ['{"utf.8 name"}', ['__name__=utf.8 name']],
    ['{"label.x"="v", "utf.8 name"}', ['__name__=utf.8 name', 'label.x=v']],
    ["{'ü', `ö`=~'ä'}", ['__name__=ü', 'ö=~ä']],
    // The three quotes, with Go's escapes in two of them.
    ['{a="b\'`", c=\'d"`\', e=`f"\'\\n`}', ["a=b'`", 'c=d"`', 'e=f"\'\\n']],
    ['{a="\\a\\b\\f\\n\\r\\t\\v\\\\\\""}', ['a=\x07\b\f\n\r\t\v\\"']],
    ["{a='\\''}", ["a='"]],
    ['{a="\\x41\\101\\u00e9\\U0001F600"}', ['a=AAé😀']],
    ['{a="\\xc3\\xa9\\303\\251"}', ['a=éé']],
    ['{a="\\ufeffx"}', ['a=\ufeffx']],
    ['{a=`x\ny`}', ['a=x\ny']],
    ['{a="}", b="# no comment"}', ['a=}', 'b=# no comment']],
    ['{a="("}', ['a=(']],
  ];
  for (const [text, matchers] of cases) {
    assert.deepEqual(
      parseSelector(text).map(({ name, type, value }) => `${name}${type}${value}`),
      matchers,
      text,
    );
  }
});

test('parseSelector() refuses what Prometheus refuses, and shows where', () => {
  const cases: [text: string, position: number, message: RegExp][] = [
    ['', 0, /expected a metric name or "\{" at character 1, the end/],
    ['{', 1, /expected a label name or "\}" at character 2, the end/],
    ['{,}', 1, /expected a label name or "\}" at character 2: ,\}/],
    ['up{a="b",,}', 9, /expected a label name/],
    ['up{a', 4, /expected one of = != =~ !~/],
    ['up{a>"b"}', 4, /expected one of = != =~ !~ at character 5: >"b"\}/],
    ['{a:b="c"}', 2, /expected one of/],
    ['{1a="c"}', 1, /expected a label name/],
    ['{""="c"}', 1, /expected a label name/],
    ["up{a=='b'}", 5, /expected a quoted value/],
    ['up{a=b}', 5, /expected a quoted value/],
    ['up{a="b" c="d"}', 9, /expected "," or "\}"/],
    ['up{a="b"', 8, /expected "," or "\}" at character 9, the end/],
    ['up{a="b}', 5, /unterminated quoted string/],
    ['up{a="b\n"}', 5, /unterminated quoted string/],
    ['up{a="b\\', 5, /unterminated quoted string/],
    ['up{a="\\q"}', 5, /unknown escape \\q/],
    ['up{a="\\\'"}', 5, /unknown escape \\'/],
    ['up{a="\\400"}', 5, /unknown escape \\400/],
    ['up{a="\\ud800"}', 5, /unknown escape \\ud800/],
    ['up{a="\\U00110000"}', 5, /unknown escape \\U00110000/],
    ['up{a="\\x80"}', 5, /valid UTF-8/],
    ['up{a=~"("}', 6, /missing closing \): `\(` at character 7/],
    ['up{__name__="a"}', 3, /duplicate metric name/],
    ['up{"a"}', 3, /duplicate metric name/],
    ['{"a", "b"}', 6, /duplicate metric name/],
    ['{"a", __name__="b"}', 6, /duplicate metric name/],
    ['{__name__="b", "a"}', 15, /duplicate metric name/],
    ['{}', 0, /must not match the empty string/],
    ['{a=""}', 0, /must not match the empty string/],
    ['{a!="x"}', 0, /must not match the empty string/],
    ['{a=~".*"}', 0, /must not match the empty string/],
    ['{a!~".+"}', 0, /must not match the empty string/],
    ['{a=~"x|"}', 0, /must not match the empty string/],
    ['up[5m]', 2, /unexpected range/],
    ['up offset 5m', 3, /unexpected offset/],
    ['up @ 0', 3, /unexpected offset or @/],
    ['rate(up[5m])', 4, /unexpected function call/],
    ['up + 1', 3, /expected the end of the selector at character 4: \+ 1/],
    ['{a="b"}{c="d"}', 7, /expected the end of the selector/],
    ['5', 0, /expected a metric name/],
  ];
  for (const [text, position, message] of cases) {
    assert.throws(
      () => parseSelector(text),
      (error) => {
        assert.ok(error instanceof SelectorError, text);
        assert.match(error.message, message, text);
        assert.equal(error.position, position, text);
        return true;
      },
      text,
    );
  }
});

test('parseSelector() reads back any matchers, in any quotes', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  const quote = fc.constantFrom(
    (value: string) => JSON.stringify(value),
    (value: string) => singleQuoted(value),
  );
  const matcher = fc
    .tuple(text, fc.constantFrom<Matcher['type']>('=', '!='), text)
    .filter(([name]) => name !== '__name__')
    .map(([name, type, value]): Matcher => ({ name, type, value }));
  fc.assert(
    fc.property(text, fc.array(matcher), quote, (metric, matchers, quoted) => {
      const items = [quoted(metric), ...matchers.map(({ name, type, value }) => quoted(name) + type + quoted(value))];
      assert.deepEqual(parseSelector(`{${items.join(',')}}`), [
        { name: '__name__', type: '=', value: metric },
        ...matchers,
      ]);
    }),
  );
});

function singleQuoted(value: string): string {
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
