import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery } from '#src/promql/parse.js';
import { PromqlError } from '#src/promql/promql-error.js';
import { syntaxError } from '#src/promql/syntax-error.js';

const UP = { kind: 'selector', matchers: [{ name: '__name__', type: '=', value: 'up' }], offsetMs: 0, at: undefined };

function refusal(text: string): string {
  let message = '';
  assert.throws(
    () => parseQuery(text),
    (error) => {
      assert.ok(error instanceof PromqlError && error.reason === 'parse', String(error));
      message = error.message;
      return true;
    },
    text,
  );
  return message;
}

test('numbers are read as Prometheus reads them', () => {
  const cases: [text: string, want: number][] = [
    ['1', 1],
    ['1.5e3', 1500],
    ['.5', 0.5],
    ['0x1F', 31],
    ['1_000', 1000],
    ['Inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    ['5m', 300],
    ['1h30m', 5400],
    ['250ms', 0.25],
    ['0x1d', 29],
  ];
  for (const [text, value] of cases) assert.deepEqual(parseQuery(text), { kind: 'number', value }, text);
});

test('a selector takes offset and @, in either order', () => {
  const cases: [text: string, want: object][] = [
    ['up', UP],
    ['(up)', UP],
    ['up offset 5m', { ...UP, offsetMs: 300_000 }],
    ['up offset -1h30m', { ...UP, offsetMs: -5_400_000 }],
    ['up offset 90', { ...UP, offsetMs: 90_000 }],
    ['up @ 1700000000.5', { ...UP, at: 1_700_000_000_500 }],
    ['up @ start()', { ...UP, at: 'start' }],
    ['up @ end() offset 1m', { ...UP, at: 'end', offsetMs: 60_000 }],
    ['up offset 1m @ end()', { ...UP, at: 'end', offsetMs: 60_000 }],
  ];
  for (const [text, want] of cases) assert.deepEqual(parseQuery(text), want, text);
});

test('names and labels in UTF-8 are quoted, and comments passed over', () => {
  assert.deepEqual(parseQuery('{"http.requests", "k8s.pod"=~"a.*"} # all of them'), {
    ...UP,
    matchers: [
      { name: '__name__', type: '=', value: 'http.requests' },
      { name: 'k8s.pod', type: '=~', value: 'a.*' },
    ],
  });
});

test('a comment may stand between any two tokens, and not within a string', () => {
  const plain = parseQuery('up{job="#a"} + 1');
  for (const text of [
    '# first\nup{job="#a"} + 1',
    'up # a\n{job="#a"} + 1',
    'up{ # b\n job="#a"} + 1 # last',
    '(# c\nup{job="#a"}) # d\n + # e\n 1',
  ]) {
    assert.deepEqual(parseQuery(text), plain, text);
  }
  assert.throws(() => parseQuery('# a\nsum(up)'), { message: /^2:1: parse error: the aggregation sum\(\)/ });
  assert.throws(() => parseQuery('# a'), { name: 'PromqlError' });
});

test('operators bind as in PromQL', () => {
  const number = (value: number) => ({ kind: 'number', value });
  const binary = (left: object, operator: string, right: object) => ({
    kind: 'binary',
    operator,
    left,
    right,
    returnsBool: false,
  });
  const cases: [text: string, want: object][] = [
    ['1 + 2 * 3', binary(number(1), '+', binary(number(2), '*', number(3)))],
    ['2 ^ 3 ^ 2', binary(number(2), '^', binary(number(3), '^', number(2)))],
    ['1 - 2 - 3', binary(binary(number(1), '-', number(2)), '-', number(3))],
    ['up > 1 + 1', binary(UP, '>', binary(number(1), '+', number(1)))],
    ['1 atan2 2', binary(number(1), 'atan2', number(2))],
  ];
  for (const [text, want] of cases) assert.deepEqual(parseQuery(text), want, text);
  assert.deepEqual(parseQuery('up == bool 1'), { ...binary(UP, '==', number(1)), returnsBool: true });
});

test('what is not evaluated here is refused by name, with whom to ask', () => {
  const cases: [text: string, name: RegExp][] = [
    ['rate(up[5m])', /the function rate\(\)/],
    ['sum by (job) (up)', /the aggregation sum\(\)/],
    ['up[5m]', /a range selector/],
    ['up[5m:1m]', /a subquery/],
    ['up + up', /"\+" between two vectors/],
    ['up and up', /the operator "and"/],
    ['up * on(job) 2', /"on\(job\)"/],
    ['up offset step()', /the duration/],
  ];
  for (const [text, name] of cases) {
    assert.match(refusal(text), name, text);
    assert.match(refusal(text), /not evaluated here: ask Prometheus for this, Sentio serves selectors$/, text);
  }
});

/** Of Prometheus 3.x, experimental ones among them, and of 2.x what 3.0 renamed. */
const FUNCTIONS = `
  abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time ceil changes clamp clamp_max clamp_min cos cosh
  count_over_time day_of_month day_of_week day_of_year days_in_month deg delta deriv double_exponential_smoothing end exp
  first_over_time floor histogram_avg histogram_count histogram_fraction histogram_quantile histogram_quantiles
  histogram_stddev histogram_stdvar histogram_sum holt_winters hour idelta increase info integral irate label_join
  label_replace last_over_time ln log10 log2 mad_over_time max_over_time min_over_time minute month pi predict_linear
  present_over_time quantile_over_time rad range rate resets round scalar sgn sin sinh sort sort_by_label
  sort_by_label_desc sort_desc sqrt start stddev_over_time stdvar_over_time step sum_over_time tan tanh time timestamp
  ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time vector year`;
const AGGREGATIONS = 'avg bottomk count count_values group limit_ratio limitk max min quantile stddev stdvar sum topk';

test('every function and aggregation of Prometheus is refused by name, also one that the grammar does not know', () => {
  for (const name of [...FUNCTIONS.trim().split(/\s+/), 'one_of_tomorrow']) {
    const refused = `the function ${name}() is not evaluated here: ask Prometheus for this, Sentio serves selectors`;
    for (const [text, position] of [
      [`${name}(up)`, '1:1'],
      [`1 +\n ${name} (0.5, up[5m])`, '2:2'],
    ] as const) {
      const message = refusal(text);
      assert.ok(message.startsWith(`${position}: parse error: ${refused}`), message);
    }
  }
  for (const name of AGGREGATIONS.split(' '))
    assert.match(
      refusal(`${name}(up)`),
      new RegExp(`the aggregation ${name}\\(\\) is not evaluated here: ask Prometheus`),
    );
});

test('who asks for a quantile of a native histogram is told where Sentio has it', () => {
  for (const text of ['histogram_quantile(0.99, m)', 'histogram_avg(m)', 'histogram_fraction(0, 1, m)'])
    assert.match(
      refusal(text),
      /Sentio serves selectors, such as m_p99_y and m_avg_y of a histogram m whose rule has "histogram"$/,
    );
});

test('the syntax of a query for another server fails at a function that the grammar does not know', () => {
  assert.equal(syntaxError('integral(up[5m])'), '1:1: parse error: unknown function with name "integral"');
  assert.equal(syntaxError('sum(rate(up[5m]))'), undefined);
});

test('mistakes are said with their line and column', () => {
  const cases: [text: string, message: RegExp][] = [
    ['', /^1:1: parse error: unexpected end of input$/],
    ['up{', /^1:4: parse error: unexpected end of input$/],
    ['1 +\n  )', /^2:3: parse error: unexpected "\)"$/],
    ['{}', /^1:1: parse error: at least one matcher must not match the empty string/],
    ['up{job=~"("}', /^1:1: parse error: .*\(/],
    ['1 == 1', /comparisons between scalars must use BOOL modifier$/],
    ['up + bool 1', /bool modifier can only be used on comparison operators$/],
    ['"a" + 1', /must contain only scalar and instant vector types$/],
    ['-"a"', /unary expression only allowed/],
    ['1 offset 5m', /offset modifier must be preceded by an instant vector selector$/],
    ['up offset 1m offset 2m', /offset may not be set multiple times$/],
    ['up @ 1 @ 2', /may not be set multiple times$/],
    ['up @ Inf', /timestamp out of bounds/],
    ['up @ 999999999999999999y', /1:6: parse error: duration out of range/],
    ['up offset 999999999999999999y', /1:11: parse error: duration out of range/],
    ['up * 999999999999999999y', /1:6: parse error: duration out of range/],
    ['"abc', /unterminated quoted string$/],
  ];
  for (const [text, message] of cases) assert.match(refusal(text), message, text);
});

test('what parsing costs is bounded', () => {
  assert.match(refusal('1+'.repeat(6_000)), /more than 10000 characters/);
  assert.match(refusal(`${'('.repeat(4_000)}1${')'.repeat(4_000)}`), /nested more than 250 deep/);
  assert.match(refusal(Array.from({ length: 17 }, () => 'up').join(' + 1 + ')), /more than 16 selectors|two vectors/);
  assert.match(refusal(`up{${Array.from({ length: 17 }, () => 'a=~"b+"').join()}}`), /more than 16 expressions/);
});
