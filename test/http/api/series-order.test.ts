import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesStatus } from '#src/engine/query/series-report.js';
import { noteCrossings } from '#src/engine/series/crossings-state.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import type { SelectedSeries } from '#src/http/api/select-series.js';
import { OrderedSeries, type SERIES_ORDERS } from '#src/http/api/series-order.js';
import { makeLabels } from '#src/model/labels/labels.js';

function selected(name: string, state: SeriesStatus['state'], score: number, sinceMs = 0): SelectedSeries {
  const alarm = state === 'forecasting' && score > 1 ? ({ kind: 'value', sinceMs } as const) : undefined;
  return {
    series: new TrackedSeries(0),
    status: { rule: 'r', state, score, alarm },
    metric: name,
    labels: makeLabels({ __name__: name }),
  };
}

const SERIES = [
  selected('ended', 'ended', 50),
  selected('d', 'forecasting', 0.9),
  selected('learning', 'learning', Number.NaN),
  selected('b', 'forecasting', 1.5, 2000),
  selected('c', 'forecasting', 0.1),
  selected('a', 'forecasting', 0.5),
  selected('e', 'forecasting', 7, 1000),
];

function sorted(series: readonly SelectedSeries[], order: (typeof SERIES_ORDERS)[number], limit = 100) {
  const ordered = new OrderedSeries(order, limit);
  for (const one of series) ordered.add(one);
  return ordered.first.map(({ labels }) => labels[0]!.value);
}

const orders: readonly (readonly [order: (typeof SERIES_ORDERS)[number], want: string])[] = [
  ['score', 'e b d a c ended learning'],
  ['outside', 'e b a c d learning ended'],
  ['name', 'a b c d e ended learning'],
  ['begin', 'b e a c d ended learning'],
  ['duration', 'e b a c d ended learning'],
];
for (const [order, want] of orders) {
  test(`by ${order} series come as ${want}, and the first of them alone where less are wanted`, async () => {
    assert.deepEqual(sorted(SERIES, order), want.split(' '));
    assert.deepEqual(sorted(SERIES, order, 3), want.split(' ').slice(0, 3));
  });
}

test('by limit come what is expected to reach one, what may, and the rest by name', async () => {
  const reaching = (name: string, ...times: readonly (readonly [expectedMs: number, earliestMs: number])[]) => {
    const one = selected(name, 'forecasting', 0);
    const found = times.map(([expectedMs, earliestMs]) => ({ side: 'max' as const, expectedMs, earliestMs }));
    noteCrossings(one.series, { limits: {}, horizonMs: 0, dueMs: 0, found });
    return one;
  };
  const never = Number.POSITIVE_INFINITY;
  const series = [
    reaching('never', [never, never]),
    reaching('may', [never, 1_000]),
    selected('free', 'forecasting', 3),
    reaching('late', [9_000_000_000_000, 500]),
    reaching('soon', [never, never], [5_000, 4_000]),
    reaching('may sooner', [never, 900]),
  ];
  assert.deepEqual(sorted(series, 'limit'), ['soon', 'late', 'may sooner', 'may', 'free', 'never']);
});

test('in a window of time series come by the highest score within it', async () => {
  const series = [SERIES[6]!, SERIES[1]!, SERIES[0]!].map((one, i) => ({ ...one, peakScore: [2, 9, 4][i] }));
  for (const order of ['outside', 'score'] as const) assert.deepEqual(sorted(series, order), ['d', 'ended', 'e']);
});
