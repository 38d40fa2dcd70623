import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as lasting } from 'node:timers/promises';
import { SECOND } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import {
  assertRingsAreWhole,
  type FaultyLoop,
  floorToStep,
  lastForecastMs,
  longestForecastGapMs,
  skippedEvaluations,
  startFaultyLoop,
} from '../harness/faulty-loop.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { readMetrics } from '../harness/metrics-page.js';
import { eventually, HANG_MS } from '../harness/wait.js';

/** What ten minutes are to a Prometheus that scrapes every 15 s. */
const OUTAGE_MS = 40 * 250;

interface Fault {
  readonly name: string;
  /** Does it, and ends it. */
  readonly happen: (loop: FaultyLoop) => Promise<void>;
  /** It fills the disk. */
  readonly needsDisk?: boolean;
  /** The interval has no gap at all; of other faults it ends two steps after the fault at the latest. */
  readonly isSeamless?: boolean;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a Sentio that is killed, and started again at once',
    happen: async ({ sentio }) => {
      await lasting(Math.random() * SECOND);
      await kill(sentio);
      await sentio.restart();
    },
  },
  {
    name: 'a Sentio that is killed while it writes a snapshot',
    happen: async (loop) => {
      await killWhileWriting(loop);
      await loop.sentio.restart();
    },
  },
  {
    name: 'a full disk, while which Sentio is killed',
    needsDisk: true,
    happen: async ({ sentio, disk }) => {
      const failures = async () =>
        (await readMetrics(sentio.url)).sum('sentio_snapshot_failures_total', { operation: 'write' }) ?? 0;
      disk!.fill();
      await eventually('snapshots fail', async () => (await failures()) >= 2);
      await kill(sentio);
      await sentio.restart();
      assert.match(sentio.process.stderr.join('\n'), /"msg":"snapshot loaded"/);
      await eventually('snapshots fail again', async () => (await failures()) >= 1);
      disk!.free();
      const writtenAt = async () =>
        (await readMetrics(sentio.url)).sum('sentio_snapshot_last_success_timestamp_seconds') ?? 0;
      await eventually('a snapshot is written', async () => (await writtenAt()) > 0);
    },
  },
  {
    name: 'a Sentio that is down for forty scrapes',
    happen: async ({ sentio }) => {
      await kill(sentio);
      await lasting(OUTAGE_MS);
      await sentio.restart();
    },
  },
  {
    name: 'a Prometheus that is killed, and down for forty scrapes',
    happen: async ({ prometheus }) => {
      await kill(prometheus);
      await lasting(OUTAGE_MS);
      await prometheus.restart();
    },
    isSeamless: true,
  },
  {
    name: 'both killed, and both down for forty scrapes',
    happen: async ({ prometheus, sentio }) => {
      await Promise.all([kill(prometheus), kill(sentio)]);
      await lasting(OUTAGE_MS);
      await Promise.all([prometheus.restart(), sentio.restart()]);
    },
  },
  {
    name: 'a Sentio that is killed, and its Prometheus before it is back',
    happen: async ({ prometheus, sentio }) => {
      await kill(sentio);
      await lasting(2 * SECOND);
      await kill(prometheus);
      await prometheus.restart();
      await lasting(2 * SECOND);
      await sentio.restart();
    },
  },
  {
    name: 'a Sentio that stands still for forty scrapes',
    happen: ({ sentio }) => standStill(sentio),
  },
  {
    name: 'a Prometheus that stands still for forty scrapes',
    happen: ({ prometheus }) => standStill(prometheus),
  },
  {
    name: 'a database that takes a second and a half over every answer',
    happen: async ({ gate }) => {
      gate.delayMs = 1.5 * SECOND;
      await lasting(OUTAGE_MS);
      gate.delayMs = 0;
    },
    isSeamless: true,
  },
  {
    name: 'a database that answers later than Sentio waits',
    happen: async ({ gate }) => {
      gate.delayMs = 3 * SECOND;
      await lasting(OUTAGE_MS);
      gate.delayMs = 0;
    },
    isSeamless: true,
  },
  {
    name: 'a Sentio that starts beside a slow database',
    happen: async ({ gate, sentio }) => {
      await kill(sentio);
      gate.delayMs = 1.5 * SECOND;
      await sentio.restart();
      await lasting(OUTAGE_MS);
      gate.delayMs = 0;
    },
  },
  {
    name: 'a clock that goes five minutes back, and is set right',
    happen: async ({ clock, sentio }) => {
      await clock.set(sentio, -300 * SECOND);
      await lasting(5 * SECOND);
      await clock.set(sentio, 0);
    },
  },
  {
    name: 'a clock that is ten steps ahead, and is set right',
    happen: async ({ clock, sentio, gate }) => {
      await clock.set(sentio, 10 * SECOND);
      await eventually('it has published ahead', () => gate.newestMs > Date.now() + 8 * SECOND);
      await clock.set(sentio, 0);
      await eventually('the time has come that it has published', () => Date.now() > gate.newestMs);
    },
  },
];

describe('what Sentio knows and tells is not harmed by', {
  skip: skipUnlessInstalled('prometheus'),
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  let loop: FaultyLoop;
  before(async () => {
    loop = await startFaultyLoop(cleanup);
  });
  after(() => cleanup.run());

  for (const fault of FAULTS) {
    it(fault.name, async (t) => {
      if (fault.needsDisk && loop.disk === undefined) return t.skip('this user may not mount a small disk');
      const fromMs = floorToStep(Date.now()) - 5 * SECOND;
      const startMs = Date.now();
      // What is on its way when a Sentio is killed is lost with it.
      const storedBeforeMs = await lastForecastMs(loop);
      const skippedBefore = await skippedEvaluations(loop);
      await fault.happen(loop);
      const endMs = Date.now();
      const toMs = floorToStep(Date.now()) + 3 * SECOND;
      await eventually('the interval goes on', async () => (await lastForecastMs(loop)) > toMs);
      await assertRingsAreWhole(loop, fromMs, toMs);
      const gapMs = await longestForecastGapMs(loop, floorToStep(startMs), toMs);
      // A machine that hangs for a second skips an evaluation. A restarted Sentio counts from 0.
      const skippedAfter = await skippedEvaluations(loop);
      const skipped = skippedAfter < skippedBefore ? skippedAfter : skippedAfter - skippedBefore;
      const mostMs = (fault.isSeamless ? SECOND : endMs - storedBeforeMs + 2 * SECOND) + skipped * SECOND;
      assert.ok(gapMs <= mostMs, `${gapMs} ms without an interval, of at most ${mostMs}`);
      assertNothingRefused(loop);
    });
  }
});

describe('a clock that is five minutes ahead, and is set right,', {
  skip: skipUnlessInstalled('prometheus'),
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('has Sentio publish nothing twice and nothing later than that, and wait for the time to come', async (t) => {
    const loop = await startFaultyLoop(cleanup);
    const { clock, sentio, gate } = loop;
    await clock.set(sentio, 300 * SECOND);
    await eventually('it has published ahead', () => gate.newestMs > Date.now() + 299 * SECOND);
    await clock.set(sentio, 0);
    const aheadUntilMs = Date.now() + 300 * SECOND;
    const waits = /"msg":"the clock was set back: publishing resumes when it has caught up"/;
    await eventually('it waits', () => sentio.process.stderr.some((line) => waits.test(line)));
    await lasting(5 * SECOND);
    assert.ok(gate.newestMs <= aheadUntilMs + 2 * SECOND, `published up to ${gate.newestMs - aheadUntilMs} ms later`);
    assertNothingRefused(loop);
    if (process.env.SENTIO_TEST_ALL !== '1') return t.diagnostic('SENTIO_TEST_ALL=1 waits until it publishes again');
    await eventually('the interval goes on', async () => (await lastForecastMs(loop)) > aheadUntilMs + 5 * SECOND, {
      deadlineMs: 330 * SECOND,
    });
    const endMs = floorToStep(Date.now());
    assert.ok((await longestForecastGapMs(loop, aheadUntilMs, endMs)) <= 4 * SECOND);
    assertNothingRefused(loop);
  });
});

function assertNothingRefused({ gate, prometheus }: FaultyLoop): void {
  assert.deepEqual(gate.rewritten, []);
  assert.deepEqual(gate.refused, []);
  const complaints = prometheus.process.stderr.filter((line) =>
    /duplicate sample|out of order|out of bounds/i.test(line),
  );
  assert.deepEqual(complaints, []);
}

async function kill({ process }: FaultyLoop['sentio'] | FaultyLoop['prometheus']): Promise<void> {
  process.signal('SIGKILL');
  await process.exited;
}

/** As a paused container does, and a virtual machine that is moved. */
async function standStill({ process }: FaultyLoop['sentio'] | FaultyLoop['prometheus']): Promise<void> {
  process.signal('SIGSTOP');
  try {
    await lasting(OUTAGE_MS);
  } finally {
    process.signal('SIGCONT');
  }
}

/** Kills Sentio at a moment when the snapshot to come is there in part. */
async function killWhileWriting({ sentio, folder }: FaultyLoop): Promise<void> {
  const unfinished = join(folder, 'sentio.snapshot.tmp');
  for (let tries = 0; tries < 10; tries++) {
    await eventually('a snapshot is being written', () => existsSync(unfinished), { intervalMs: 0 });
    await kill(sentio);
    if (existsSync(unfinished)) return;
    await sentio.restart();
  }
  throw new Error('Every snapshot was finished before its writer could be killed');
}
