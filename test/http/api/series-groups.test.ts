import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import type { SelectedSeries } from '#src/http/api/select-series.js';
import { type Grouping, groupSeries } from '#src/http/api/series-groups.js';
import { OrderedSeries, type SeriesOrder } from '#src/http/api/series-order.js';
import { ReadWork } from '#src/http/request/reads.js';
import { makeLabels } from '#src/model/labels/labels.js';

function selected(name: string, job: string | undefined, score: number): SelectedSeries {
  const alarm = score > 1 ? ({ kind: 'value', sinceMs: 0 } as const) : undefined;
  return {
    series: new TrackedSeries(0),
    status: { rule: 'r', state: 'forecasting', score, alarm },
    metric: name,
    labels: makeLabels({ __name__: name, ...(job !== undefined && { job }) }),
  };
}

const SERIES = [
  selected('a', 'web', 0.2),
  selected('b', 'db', 0.3),
  selected('c', undefined, 0.1),
  selected('d', 'db', 3),
  selected('e', 'web', 0.1),
];

async function grouped(order: SeriesOrder, given: Partial<Grouping> = {}) {
  const work = new ReadWork(() => false);
  const grouping = { label: 'job', folded: 'none', except: new Set<string>(), ...given } as const;
  const { groups, unfolded, placeOf } = await groupSeries(SERIES, order, grouping, work);
  const ordered = new OrderedSeries(order, 100, placeOf);
  for (const one of unfolded) ordered.add(one);
  return {
    groups: groups.map(({ name, series, anomalous }) => `${name}:${anomalous}/${series}`),
    series: ordered.first.map(({ labels }) => labels[0]!.value).join(''),
  };
}

test('series of one value come together, the group of the worst first, and those without the label are a group', async () => {
  assert.deepEqual(await grouped('outside'), { groups: ['db:1/2', ':0/1', 'web:0/2'], series: 'dbcae' });
  assert.deepEqual(await grouped('name'), { groups: [':0/1', 'db:1/2', 'web:0/2'], series: 'cbdae' });
});

test('series of folded groups are left out, and counted', async () => {
  const groups = ['db:1/2', ':0/1', 'web:0/2'];
  assert.deepEqual(await grouped('outside', { except: new Set(['db']) }), { groups, series: 'cae' });
  assert.deepEqual(await grouped('outside', { folded: 'all' }), { groups, series: '' });
  assert.deepEqual(await grouped('outside', { folded: 'all', except: new Set(['', 'db']) }), { groups, series: 'dbc' });
});
