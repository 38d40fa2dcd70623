import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { MarkerStore } from '#src/markers/marker-store.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { DAY, MINUTE } from '../../fixtures.js';
import { fastClock, normal, settle, uniform } from '../fast-clock.js';
import { START } from '../fixture.js';

const SERVICES = ['cart', 'checkout'];
const PODS = 6;
const DEPLOYED = START + 2 * DAY;

/** Two services of six pods; the latency of one is up from a new version on. */
async function life(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  t.after(() => mock.timers.reset());
  const markers = new MarkerStore([
    { name: 'deploy', selectors: [parseSelector('build_info')], labels: ['version'], by: ['job'] },
  ]);
  const clock = fastClock({ markers, rule: 'step: 1m' });
  t.after(() => clock.engine.stop());
  const random = uniform(3);
  await clock.pass(DEPLOYED + 10 * MINUTE, (timeMs) => {
    const isNew = timeMs > DEPLOYED;
    for (const job of SERVICES) {
      const version = isNew && job === 'checkout' ? '1.3' : '1.2';
      for (let pod = 0; pod < PODS; pod++) {
        const labels = { job, pod: `${job}-${pod}` };
        clock.appendTo({ __name__: 'build_info', ...labels, version }, timeMs, 1);
        const value = (version === '1.3' ? 160 : 100) + normal(random);
        clock.appendTo({ __name__: 'latency', ...labels }, timeMs, value);
      }
    }
    return undefined;
  });
  mock.timers.tick(11_000);
  await settle();
  return clock;
}

test('a deployment that raises the latency of a service is one incident, and its first cause', async (t) => {
  const { engine } = await life(t);
  const incidents = engine.queries.incidents.filter(({ series }) => series > 1);
  assert.equal(incidents.length, 1);
  const [{ events, members }] = incidents as [(typeof incidents)[number]];
  assert.ok(members.some(({ labels }) => labels.some(({ value }) => value === 'latency')));
  assert.deepEqual(
    events.map(({ event: { marker, labels, changes } }) => ({ marker, labels, changes })),
    [
      {
        marker: 'deploy',
        labels: [{ name: 'job', value: 'checkout' }],
        changes: [{ label: 'version', from: '1.2', to: '1.3' }],
      },
    ],
  );
});
