import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveRange } from '#src/backtest/input/live-range.js';
import { fetchFigures, figuresFor, UnknownFigures } from '#src/backtest/task/figures.js';
import { parseConfig } from '#src/config/load.js';
import { type Labels, makeLabels } from '#src/model/labels/labels.js';
import { MINUTE } from '../../fixtures.js';

const [RULE] = parseConfig(
  `rules:
  - name: disks
    match: [used]
    prophet: {growth: logistic, cap: {series: quota}}
    limits: {max: {series: size, on: [disk]}}`,
  '.',
).rules;
const rule = RULE!;
const of = (name: string, others: Record<string, string> = {}): Labels => makeLabels({ __name__: name, ...others });

test('figuresFor() are the series that match those to which a rule refers, and the keys that have none', () => {
  const all = [of('size', { disk: 'a', type: 'x' }), of('size', { disk: 'b' }), of('other', { disk: 'a' })];
  const { figures, unknown } = figuresFor(
    { labels: of('used', { disk: 'a' }), rule },
    all.map((labels) => ({ labels })),
  );
  assert.deepEqual(figures, [{ labels: all[0] }]);
  assert.deepEqual(unknown, ['prophet.cap']);
});

test('UnknownFigures says for how many series each figure is not known', () => {
  const unknown = new UnknownFigures();
  unknown.add(rule, ['limits.max']);
  unknown.add(rule, ['limits.max', 'prophet.cap']);
  assert.deepEqual(unknown.notes, [
    'limits.max of rule disks is not known for 2 series, which went without it: no series that was read has it',
    'prophet.cap of rule disks is not known for one series, which went without it: no series that was read has it',
  ]);
});

/** A range with these series, each 5, 5, 7 and nothing, that notes what is fetched together. */
function rangeOf(series: readonly Labels[]) {
  const fetched: (readonly Labels[])[] = [];
  const range = {
    list: async () => series,
    async *fetch(group: { readonly series: readonly Labels[] }) {
      fetched.push(group.series);
      for (const labels of group.series) {
        const samples = { timesMs: Float64Array.of(0, 1, 2, 3), values: Float64Array.of(5, 5, 7, Number.NaN) };
        yield { labels, recorded: { samples, labels: undefined } };
      }
    },
  };
  return { range: range as unknown as LiveRange, fetched };
}

test('fetchFigures() fetches what matches alone, those of one metric together, and keeps what changes', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((disk) => of('size', { disk, replica: 'x' }));
  const quota = of('quota', { disk: 'a' });
  const { range, fetched } = rangeOf([a!, b!, c!, quota]);
  const series = ['a', 'b'].map((disk) => ({ labels: of('used', { disk }) }));
  const group = { rule, series, stepMs: MINUTE, startMs: 0, endMs: 4 * MINUTE };
  const figures = await fetchFigures(range, group, new Set(['replica']));
  assert.deepEqual(fetched, [[a, b], [quota]]);
  const samples = { timesMs: Float64Array.of(0, 2), values: Float64Array.of(5, 7) };
  assert.deepEqual(
    figures,
    [of('size', { disk: 'a' }), of('size', { disk: 'b' }), quota].map((labels) => ({
      labels,
      recording: { labels: undefined, samples },
    })),
  );
});

test('fetchFigures() asks for nothing where a rule refers to nothing', async () => {
  const plain = parseConfig('', '.').rules[0]!;
  const { range, fetched } = rangeOf([of('size')]);
  const group = { rule: plain, series: [{ labels: of('used') }], stepMs: MINUTE, startMs: 0, endMs: MINUTE };
  assert.deepEqual([await fetchFigures(range, group, new Set()), fetched], [[], []]);
});
