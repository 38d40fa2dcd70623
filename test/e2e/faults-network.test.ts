import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as lasting } from 'node:timers/promises';
import { SECOND } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { type DistantLoop, QUERIED, startDistantLoop } from '../harness/distant-loop.js';
import {
  assertRingsAreWhole,
  floorToStep,
  lastForecastMs,
  longestForecastGapMs,
  skippedEvaluations,
} from '../harness/faulty-loop.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { connectionsOf, skipUnlessMachines } from '../harness/machines.js';
import { readMetrics } from '../harness/metrics-page.js';
import { eventually, HANG_MS } from '../harness/wait.js';

/** What ten minutes are to a Prometheus that scrapes every 15 s. */
const OUTAGE_MS = 40 * 250;
/**
 * Until everything goes on after a cut. A request that hangs is given up after its timeout, 2 s here, and the next goes over a new connection, for
 * which a kernel asks again after 1, 3, 7 and 15 s.
 */
const RESTORED_WITHIN_MS = 20 * SECOND;

interface Cut {
  readonly name: string;
  /** Does it, and ends it. */
  readonly happen: (loop: DistantLoop) => Promise<void>;
  /** Sentio is not there for some of it: the interval ends, and goes on two steps after it is there again at the latest. */
  readonly kills?: boolean;
}

const CUTS: readonly Cut[] = [
  {
    name: 'from Prometheus to Sentio, where packets vanish',
    happen: ({ wires }) => cut([wires.samples]),
  },
  {
    name: 'from Sentio to its target, where packets vanish',
    happen: ({ wires }) => cut([wires.forecasts]),
  },
  {
    name: 'from Sentio to its database, where packets vanish',
    happen: ({ wires }) => cut([wires.database]),
  },
  {
    name: 'from Sentio to its database, while it starts after it was killed and has history to read',
    kills: true,
    happen: async ({ sentio, wires }) => {
      sentio.process.signal('SIGKILL');
      await sentio.process.exited;
      wires.database.cut();
      await lasting(3 * SECOND);
      await sentio.restart();
      await lasting(OUTAGE_MS);
      wires.database.mend();
    },
  },
  {
    name: 'all around Sentio, where packets vanish',
    happen: ({ wires }) => cut(Object.values(wires)),
  },
  {
    name: 'all around Sentio, because its cables are out',
    happen: async ({ wires }) => {
      for (const wire of Object.values(wires)) wire.unplug();
      await lasting(OUTAGE_MS);
      for (const wire of Object.values(wires)) wire.plug();
    },
  },
];

describe('what Sentio and Prometheus know of each other is whole after the network is cut', {
  skip: skipUnlessInstalled('prometheus') || skipUnlessMachines(),
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  let loop: DistantLoop;
  before(async () => {
    loop = await startDistantLoop(cleanup);
  });
  after(() => cleanup.run());

  for (const { name, happen, kills = false } of CUTS) {
    it(name, async () => {
      const startMs = floorToStep(Date.now());
      const skippedBefore = kills ? 0 : await skippedEvaluations(loop);
      await happen(loop);
      const endMs = floorToStep(Date.now());
      await eventually('forecasts go on', async () => (await lastForecastMs(loop)) > endMs + 2 * SECOND, {
        deadlineMs: RESTORED_WITHIN_MS,
      });
      const toMs = floorToStep(Date.now());
      await assertRingsAreWhole(loop, startMs - 5 * SECOND, toMs);
      await eventually('no result of the query is missing', async () => {
        const values = await queriedValues(loop, startMs - 5 * SECOND, toMs);
        return values.length > 0 && !values.includes(null);
      });
      const skipped = (await skippedEvaluations(loop)) - skippedBefore;
      const gapMs = await longestForecastGapMs(loop, startMs, endMs);
      const mostMs = (kills ? endMs - startMs + 2 * SECOND : SECOND) + skipped * SECOND;
      assert.ok(gapMs <= mostMs, `${gapMs} ms without an interval, of at most ${mostMs}`);
      await eventually('every connection has two ends', () => hasTwoEnds(loop));
      await assertNothingLost(loop);
    });
  }
});

async function cut(wires: readonly DistantLoop['wires']['samples'][]): Promise<void> {
  for (const wire of wires) wire.cut();
  await lasting(OUTAGE_MS);
  for (const wire of wires) wire.mend();
}

interface Curve {
  readonly observed: { readonly values: (number | null)[] };
}

/** The steps of the query's result in [fromMs, toMs], `null` where there is none. */
async function queriedValues({ sentio }: DistantLoop, fromMs: number, toMs: number): Promise<(number | null)[]> {
  const parameters = new URLSearchParams({
    'match[]': QUERIED,
    start: String(fromMs / 1_000),
    end: String(toMs / 1_000),
    step: '1s',
  });
  const { data } = (await getJson(`${sentio.url}/api/v1/forecast?${parameters}`)) as { data: Curve[] };
  return data.flatMap(({ observed }) => observed.values);
}

/** Whether the two machines agree on the connections between them. */
function hasTwoEnds({ prometheus, sentio }: DistantLoop): boolean {
  const swapped = connectionsOf(sentio.process).map((connection) => connection.split(' ').reverse().join(' '));
  return connectionsOf(prometheus.process).sort().join() === swapped.sort().join();
}

async function assertNothingLost({ prometheus, sentio }: DistantLoop): Promise<void> {
  const theirs = await readMetrics(prometheus.url);
  assert.equal(theirs.sum('prometheus_remote_storage_samples_failed_total'), 0);
  const ours = await readMetrics(sentio.url);
  for (const outcome of ['queue_full', 'too_old', 'rejected', 'failed']) {
    assert.equal(ours.sum('sentio_remote_write_samples_total', { outcome }) ?? 0, 0, outcome);
  }
  // A request that was given up is delivered by the kernel all the same when packets come through again, out of order by then.
  const complaints = prometheus.process.stderr.filter((line) => /duplicate sample|out of bounds/i.test(line));
  assert.deepEqual(complaints, []);
}
