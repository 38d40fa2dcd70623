import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeLabels } from '#src/model/labels/labels.js';
import { compileMatchers, type Matcher, MatcherError } from '#src/model/labels/matcher.js';

const series = makeLabels({ __name__: 'up', job: 'node', path: 'a\nb', city: 'Zürich😀' });

test('compileMatchers() matches what Prometheus matches', () => {
  const cases: [name: string, type: Matcher['type'], value: string, matches: boolean][] = [
    ['job', '=', 'node', true],
    ['job', '=', 'nod', false],
    ['job', '!=', 'node', false],
    ['job', '!=', 'x', true],
    // A label that is not there is an empty one.
    ['absent', '=', '', true],
    ['absent', '=', 'x', false],
    ['absent', '!=', '', false],
    ['absent', '!=', 'x', true],
    ['absent', '=~', '', true],
    ['absent', '=~', '.*', true],
    ['absent', '=~', '.+', false],
    ['absent', '=~', 'x|', true],
    ['absent', '!~', '.+', true],
    ['absent', '!~', '.*', false],
    ['job', '=', '', false],
    ['job', '!=', '', true],
    // Anchored at both ends, alternatives as a whole.
    ['job', '=~', 'no', false],
    ['job', '=~', 'ode', false],
    ['job', '=~', 'no.e', true],
    ['job', '=~', 'x|node', true],
    ['job', '=~', 'x|nod', false],
    ['job', '=~', '(x|node)', true],
    ['job', '=~', '(?:x|nod)', false],
    ['job', '=~', 'n|ode', false],
    ['job', '=~', '(n|no)(ode|de)', true],
    ['job', '=~', '^node$', true],
    ['job', '=~', 'nod.*', true],
    ['job', '=~', 'node.*', true],
    ['job', '=~', 'node.+', false],
    ['job', '!~', 'nod.+', false],
    ['job', '=~', 'NODE', false],
    ['job', '=~', '(?i)NODE', true],
    // The dot matches a newline, the dollar does not stop before one.
    ['path', '=~', 'a.b', true],
    ['path', '=~', 'a.*', true],
    ['path', '=~', '(?-s)a.b', false],
    ['path', '=~', 'a$', false],
    // Characters, not bytes or UTF-16 units.
    ['city', '=~', 'Z.rich.', true],
    ['city', '=~', 'Z\\pLrich\\x{1F600}', true],
    // RE2 syntax that JavaScript has not.
    ['job', '=~', '(?P<name>no)de', true],
    ['job', '=~', '[[:alpha:]]+', true],
    ['job', '=~', '\\Qnode\\E', true],
    ['job', '=~', '\\Ano.*\\z', true],
  ];
  for (const [name, type, value, matches] of cases) {
    assert.equal(compileMatchers([{ name, type, value }])(series), matches, `{${name}${type}${JSON.stringify(value)}}`);
  }
});

test('compileMatchers() takes a series that meets every matcher', () => {
  const up: Matcher = { name: '__name__', type: '=', value: 'up' };
  const node: Matcher = { name: 'job', type: '=~', value: 'n.+' };
  const other: Matcher = { name: 'job', type: '!=', value: 'node' };
  assert.equal(compileMatchers([])(series), true);
  assert.equal(compileMatchers([up, node])(series), true);
  assert.equal(compileMatchers([up, node, other])(series), false);
  assert.equal(compileMatchers([other, up, node])(series), false);
});

test('compileMatchers() agrees with a naive evaluation, for any matchers and labels', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '_', '\n', 'é', '😀'), maxLength: 4 });
  // All of this means the same in JavaScript, which is what the naive evaluation uses.
  const expression = fc
    .array(
      fc.constantFrom(
        'a',
        'b',
        '_',
        'é',
        '😀',
        '.',
        '.*',
        '.+',
        '|',
        '(a|b_)',
        '[ab]',
        'a?',
        '(?:)',
        '(a|b|)',
        '(?:b_)',
      ),
      {
        maxLength: 5,
      },
    )
    .map((tokens) => tokens.join(''));
  const matcher = fc.oneof(
    fc.record({ name, type: fc.constantFrom<Matcher['type']>('=', '!='), value: text }),
    fc.record({ name, type: fc.constantFrom<Matcher['type']>('=~', '!~'), value: expression }),
  );
  const naive = ({ name, type, value }: Matcher, labels: Record<string, string>) => {
    const label = labels[name] ?? '';
    const equal = type.endsWith('~') ? new RegExp(`^(?:${value})$`, 'su').test(label) : label === value;
    return type.startsWith('!') ? !equal : equal;
  };
  fc.assert(
    fc.property(
      fc.array(matcher, { maxLength: 3 }),
      fc.dictionary(name, text, { noNullPrototype: true }),
      (matchers, labels) => {
        assert.equal(
          compileMatchers(matchers)(makeLabels(labels)),
          matchers.every((one) => naive(one, labels)),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test('compileMatchers() refuses what is not RE2, and says why', () => {
  const cases: [expression: string, message: RegExp][] = [
    ['a(', /missing closing \): `a\(`/],
    ['*', /missing argument to repetition operator: `\*`/],
    ['(?=a)', /invalid or unsupported Perl syntax: `\(\?=`/],
    ['(a)\\1', /invalid escape sequence: `\\1`/],
    ['a{1001}', /invalid repeat count/],
    ['((a{100}){100}){100}', /invalid repeat count/],
    ['a{1000}'.repeat(1000), /too large/],
    ['((?:abc|de?f){30}){30}'.repeat(20), /too large/],
    [`(${'x.'.repeat(20_000)})`, /too large/],
  ];
  for (const [value, message] of cases) {
    assert.throws(
      () => compileMatchers([{ name: 'job', type: '=~', value }]),
      (error) => error instanceof MatcherError && message.test(error.message),
      value,
    );
  }
});

test('compileMatchers() takes any number of literal alternatives', () => {
  const names = Array.from({ length: 50_000 }, (_, i) => `pod-${i}`).join('|');
  for (const value of [names, `(${names})`]) {
    const matches = compileMatchers([{ name: 'pod', type: '=~', value }]);
    assert.equal(matches(makeLabels({ pod: 'pod-49999' })), true);
    assert.equal(matches(makeLabels({ pod: 'pod-50000' })), false);
  }
});

test('compileMatchers() takes time linear in the label where backtracking would take for ever', () => {
  const value = 'a'.repeat(2000);
  const matches = compileMatchers([{ name: 'job', type: '=~', value: '(a+)+b|(a|a)*c|(.*)*d' }]);
  assert.equal(matches(makeLabels({ job: value })), false);
  assert.equal(matches(makeLabels({ job: `${value}d` })), true);
});
