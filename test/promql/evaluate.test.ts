import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabels, makeLabels } from '#src/model/labels/labels.js';
import { evaluateQuery, type SelectSeries } from '#src/promql/evaluate.js';
import { parseQuery } from '#src/promql/parse.js';

const TIMES = Float64Array.of(0, 60_000, 120_000);

/** A source with these series, whose value at a time is the number of seconds since 1970 times their factor. */
function source(factors: Record<string, [labels: Record<string, string>, factor: number][]>): SelectSeries {
  return async ({ matchers }, timesMs) =>
    (factors[matchers[0]!.value] ?? []).map(([labels, factor]) => ({
      labels: makeLabels(labels),
      values: timesMs.map((timeMs) => (timeMs < 0 ? Number.NaN : (timeMs / 1000) * factor)),
    }));
}

const select = source({
  m: [
    [{ __name__: 'm', a: '1' }, 1],
    [{ __name__: 'm', a: '2' }, 2],
  ],
  twins: [
    [{ __name__: 'm', a: '1' }, 1],
    [{ __name__: 'n', a: '1' }, 2],
  ],
});

async function evaluate(text: string, timesMs = TIMES): Promise<unknown> {
  const value = await evaluateQuery(parseQuery(text), timesMs, select);
  if (value.type === 'string') return value.value;
  if (value.type === 'scalar') return [...value.values];
  return Object.fromEntries(
    value.series.map(({ labels, values, isPresent }) => [
      formatLabels(labels),
      [...values].map((one, i) => (isPresent[i] === 1 ? one : undefined)),
    ]),
  );
}

test('an evaluation pauses before each series that an operator takes, and ends where the pause throws', async () => {
  let pauses = 0;
  const pause = async () => void pauses++;
  await evaluateQuery(parseQuery('-m * 2 > 1'), TIMES, select, pause);
  assert.ok(pauses >= 3 * 2, `${pauses} pauses for three operators over two series`);
  const enough = async () => {
    throw new Error('enough');
  };
  for (const text of ['-m', 'm + 1', '1 > m', '1 + 1', '-(1 + 1)']) {
    await assert.rejects(evaluateQuery(parseQuery(text), TIMES, select, enough), /enough/, text);
  }
});

test('a selector has its value at every timestamp, moved by offset and held by @', async () => {
  assert.deepEqual(await evaluate('m'), { 'm{a="1"}': [0, 60, 120], 'm{a="2"}': [0, 120, 240] });
  assert.deepEqual(await evaluate('m offset -1m'), { 'm{a="1"}': [60, 120, 180], 'm{a="2"}': [120, 240, 360] });
  assert.deepEqual(await evaluate('m offset 1m'), {
    'm{a="1"}': [undefined, 0, 60],
    'm{a="2"}': [undefined, 0, 120],
  });
  assert.deepEqual(await evaluate('m @ end()'), { 'm{a="1"}': [120, 120, 120], 'm{a="2"}': [240, 240, 240] });
  assert.deepEqual(await evaluate('m @ 30 offset 10s'), { 'm{a="1"}': [20, 20, 20], 'm{a="2"}': [40, 40, 40] });
});

test('arithmetic makes another quantity, without a name', async () => {
  assert.deepEqual(await evaluate('m * 2 + 1'), { '{a="1"}': [1, 121, 241], '{a="2"}': [1, 241, 481] });
  assert.deepEqual(await evaluate('100 - m'), { '{a="1"}': [100, 40, -20], '{a="2"}': [100, -20, -140] });
  assert.deepEqual(await evaluate('-m'), { '{a="1"}': [-0, -60, -120], '{a="2"}': [-0, -120, -240] });
  assert.deepEqual(await evaluate('m / 0'), {
    '{a="1"}': [Number.NaN, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    '{a="2"}': [Number.NaN, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  });
});

test('a comparison filters and keeps the name; with bool it is 0 or 1', async () => {
  assert.deepEqual(await evaluate('m > 100'), {
    'm{a="1"}': [undefined, undefined, 120],
    'm{a="2"}': [undefined, 120, 240],
  });
  assert.deepEqual(await evaluate('100 < m'), await evaluate('m > 100'));
  assert.deepEqual(await evaluate('m > bool 100'), { '{a="1"}': [0, 0, 1], '{a="2"}': [0, 1, 1] });
});

test('scalars are numbers as in Go', async () => {
  const cases: [text: string, want: number][] = [
    ['1+1', 2],
    ['7 % -3', 1],
    ['-7 % 3', -1],
    ['2 ^ 10', 1024],
    ['1 ^ NaN', 1],
    ['-2 ^ 2', -4],
    ['1 / 0', Number.POSITIVE_INFINITY],
    ['1 == bool 1', 1],
    ['NaN == bool NaN', 0],
    ['NaN != bool NaN', 1],
  ];
  for (const [text, want] of cases) assert.deepEqual(await evaluate(text, Float64Array.of(0)), [want], text);
  assert.equal(await evaluate('"text"'), 'text');
});

test('series that only their names told apart are an error once the name is gone', async () => {
  assert.deepEqual(await evaluate('twins > 10'), {
    'm{a="1"}': [undefined, 60, 120],
    'n{a="1"}': [undefined, 120, 240],
  });
  await assert.rejects(evaluate('twins + 1'), {
    name: 'PromqlError',
    reason: 'execution',
    message: 'vector cannot contain metrics with the same labelset',
  });
});
