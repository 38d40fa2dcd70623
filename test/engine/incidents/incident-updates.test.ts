import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { IncidentUpdates } from '#src/engine/incidents/incident-updates.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { settle } from '../fast-clock.js';
import { MINUTE, START, storeWith } from '../fixture.js';

const PODS = 12;

/** Twelve pods each of two services; `evaluate` scores the last step of some of them, `pass` lets the updates run. */
function world(t: TestContext) {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  const { store, appendTo, settings } = storeWith('m', 'step: 1m');
  let nowMs = START;
  const registry = new Registry();
  const make = () => new IncidentUpdates({ store, log: pino({ level: 'silent' }), now: () => nowMs, registry });
  const series = ['checkout', 'cart'].flatMap((service) =>
    Array.from({ length: PODS }, (_, p) => {
      const id = appendTo({ __name__: 'latency', job: 'shop', service, pod: `${service}-${p}` }, START, 1);
      return new TrackedSeries(id);
    }),
  );
  const evaluate = (updates: IncidentUpdates, inAlarm: readonly TrackedSeries[]) => {
    for (const each of inAlarm) {
      each.scoredUntilMs = nowMs;
      each.score = each.alarms.judge(3, { side: 1, kind: 'jump', stepEndMs: nowMs, stepMs: settings.stepMs });
      updates.report(each, nowMs);
    }
  };
  const pass = async (ms: number) => {
    nowMs += ms;
    mock.timers.tick(5_000);
    await settle();
  };
  return { make, series, evaluate, pass, registry };
}

async function page(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => /^sentio_incident/.test(line));
}

test('IncidentUpdates makes an incident of the alarms that evaluations report, and counts it', async (t) => {
  const { make, series, evaluate, pass, registry } = world(t);
  const updates = make();
  for (const each of series) updates.add(each);
  updates.start();
  t.after(() => updates.stop());
  evaluate(updates, series.slice(0, 8));
  await pass(MINUTE);
  const [incident] = updates.tracker.open;
  assert.deepEqual([incident?.series, incident?.of, incident?.groupedBy?.value], [8, PODS, 'checkout']);
  assert.deepEqual([incident!.members[0]!.kind, incident!.members[0]!.side], ['jump', 'above']);
  assert.deepEqual(await page(registry), [
    'sentio_incidents_open{series="one"} 0',
    'sentio_incidents_open{series="several"} 1',
    'sentio_incidents_opened_total 1',
    'sentio_incidents_merged_total 0',
    'sentio_incident_alarms_dropped_total 0',
    'sentio_incident_series{shared="service=\\"checkout\\"",of_job="shop"} 8',
  ]);
  await pass(30 * MINUTE);
  assert.deepEqual((await page(registry)).at(-1), 'sentio_incident_alarms_dropped_total 0');
});

test('IncidentUpdates reports a missing series as missing', async (t) => {
  const { make, series, pass } = world(t);
  const updates = make();
  for (const each of series) updates.add(each);
  updates.start();
  t.after(() => updates.stop());
  series[0]!.missing = { reason: 'gap', sinceMs: START - 5 * MINUTE, block: new Uint8Array() };
  updates.report(series[0]!, START);
  await pass(MINUTE);
  const [incident] = updates.tracker.open;
  assert.deepEqual([incident!.missingSeries, incident!.startMs], [1, START - 5 * MINUTE]);
});

test('IncidentUpdates goes on with saved incidents under their ids', async (t) => {
  const { make, series, evaluate, pass, registry } = world(t);
  const before = make();
  for (const each of series) before.add(each);
  before.start();
  evaluate(before, series.slice(0, 8));
  await pass(MINUTE);
  before.stop();
  registry.clear();

  const after = make();
  after.restore(Buffer.concat([...before.save()]).toString());
  for (const each of series) after.add(each);
  after.start();
  t.after(() => after.stop());
  evaluate(after, series.slice(0, 9));
  await pass(MINUTE);
  assert.deepEqual(
    after.tracker.open.map(({ id, series: count }) => [id, count]),
    [[before.tracker.open[0]!.id, 9]],
  );
});
