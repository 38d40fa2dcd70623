// What a thousand exclusions cost ten thousand series at every step, and after a change: `npm run bench -- exclusions`.
import type { Exclusion } from '#src/engine/exclusions/exclusion.js';
import { Exclusions } from '#src/engine/exclusions/exclusions.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { START, storeWith } from '../engine/fixture.js';
import { DAY, HOUR } from '../fixtures.js';

const SERIES = 10_000;
const ROUNDS = 20;

/** µs a series: asked for the first time, once more, and after another exclusion, by how many exclusions there are. */
export async function bench(): Promise<Record<string, unknown>> {
  const { store, appendTo } = storeWith('m', 'step: 1m');
  for (let i = 0; i < SERIES; i++) appendTo({ __name__: `m${i % 50}`, instance: `web-${i}`, job: 'web' }, START, 1);
  const all = [...store.ids()].map((id) => new TrackedSeries(id));
  const rows: Record<string, unknown> = {};
  for (const [name, count, match] of [
    ['none', 0, 'up'],
    ['1,000 of other series', 1_000, '{instance="db-7", job="db"}'],
    ['500, by expressions', 500, '{job=~"web.*|db", instance=~"db-[0-9]+"}'],
    ['1,000 of every series', 1_000, '{job="web"}'],
  ] as const) {
    const exclusions = new Exclusions(store);
    const make = (i: number): Exclusion => ({
      id: String(i),
      kind: 'maintenance',
      match: [`${match}`],
      reason: '',
      fromMs: START - (i + 1) * DAY,
      toMs: START - (i + 1) * DAY + HOUR,
      createdMs: START,
      accepted: [],
    });
    const askAll = () => all.reduce((count, series) => count + (exclusions.at(series, START) === undefined ? 0 : 1), 0);
    exclusions.list = Array.from({ length: count }, (_, i) => make(i));
    const first = microseconds(askAll);
    const again = microseconds(() => {
      for (let round = 0; round < ROUNDS; round++) askAll();
    });
    exclusions.list = count === 0 ? [] : [...exclusions.list, make(count)];
    const changed = microseconds(askAll);
    rows[name] = { first, again: again / ROUNDS, changed };
  }
  console.table(rows);
  return rows;
}

function microseconds(work: () => unknown): number {
  const before = performance.now();
  work();
  return (1000 * (performance.now() - before)) / SERIES;
}
