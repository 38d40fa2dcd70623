import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { ReadBudget } from '#src/engine/query/read-budget.js';
import { decodeLabelBlock } from '#src/model/labels/label-block.js';
import { METRIC_NAME } from '#src/model/labels/labels.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { HOUR } from '../../fixtures.js';
import { fastClock, normal as gaussian, uniform } from '../fast-clock.js';
import { MINUTE, START } from '../fixture.js';

const HORIZONS: [label: string, ms: number][] = [
  ['15m', 15 * MINUTE],
  ['1h', HOUR],
];
const NAMES = ['m_yhat', 'm_yhat_lower', 'm_yhat_upper'];
const MATCHERS = parseSelector('{__name__=~"m_yhat.*", sentio="forecast"}');

test('over an hour of evaluations and refits both ways of reading serve what is published', async (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  t.after(() => mock.timers.reset());
  const { engine, writer, ready, pass } = fastClock({
    rule: 'step: 1m\n    refit_interval: 10m\n    horizons: [15m, 1h]',
  });
  await ready;
  const random = uniform(3);
  const valueAt = (timeMs: number) => 100 + 20 * Math.sin(timeMs / HOUR) + 2 * gaussian(random);
  const { queries } = engine;
  const budget = () => new ReadBudget({ maxReadSeries: 10, maxReadSamples: 100, readTimeoutMs: 10_000 });
  /** What the query API and what remote_read has at one instant, by name. */
  const served = async (timeMs: number): Promise<[Record<string, number>, Record<string, number>]> => {
    const limits = { budget: budget(), pause: async () => {} };
    const byQuery = await queries.instants.read(MATCHERS, Float64Array.of(timeMs), 5 * MINUTE, limits);
    const byRead = await queries.forecasts.read({ startMs: timeMs, endMs: timeMs, matchers: MATCHERS }, budget());
    const nameOf = (labels: readonly { name: string; value: string }[]) =>
      labels.find(({ name }) => name === METRIC_NAME)!.value;
    return [
      Object.fromEntries(byQuery.map(({ labels, values }) => [nameOf(labels), values[0]!])),
      Object.fromEntries(byRead.map(({ block, samples }) => [nameOf(decodeLabelBlock(block)), samples.values[0]!])),
    ];
  };
  await pass(START + 8 * HOUR, valueAt);
  const [series] = queries.series();

  const models = new Set<unknown>();
  const compared: { wanted: object; served: object[] }[] = [];
  const normal: { timeMs: number; value: unknown; model: unknown }[] = [];
  const found: [served: number | undefined, published: unknown][] = [];
  for (let minute = 1; minute <= 60; minute++) {
    let model: unknown;
    writer.take();
    writer.onAppend = () => {
      model = series!.model;
    };
    await pass(START + 8 * HOUR + minute * MINUTE, valueAt);
    models.add(series!.model);
    // A fit that came since changes what is served, and what is published next.
    if (model !== series!.model) continue;
    const published = writer.take();
    for (const [label, ms] of HORIZONS) {
      const wanted = NAMES.map((name) => [
        name,
        published.find((p) => p.name === `${name}{horizon="${label}"}`)!.value,
      ]);
      const timeMs = series!.scoredUntilMs + ms - MINUTE / 2;
      compared.push({ wanted: Object.fromEntries(wanted), served: await served(timeMs) });
    }
    // What was expected of a step that has been scored since is what is normal then.
    for (const past of normal.filter((one) => one.model === model)) {
      for (const values of await served(past.timeMs)) found.push([values.m_yhat, past.value]);
    }
    normal.push(
      ...published.filter(({ name }) => name === 'm_yhat').map(({ timeMs, value }) => ({ timeMs, value, model })),
    );
  }
  assert.ok(
    models.size > 4 && compared.length > 80 && found.length > 80,
    `${models.size} ${compared.length} ${found.length}`,
  );
  for (const { wanted, served: both } of compared) assert.deepEqual(both, [wanted, wanted]);
  for (const [value, wanted] of found) assert.equal(value, wanted);
});
