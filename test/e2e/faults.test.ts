import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cleanup } from './harness/cleanup.js';
import { assertRingsAreWhole, type FaultyLoop, longestBandGapMs, startFaultyLoop } from './harness/faulty-loop.js';
import { skipUnlessInstalled } from './harness/installed.js';
import { queryValue } from './harness/promql.js';
import { eventually } from './harness/wait.js';

const SECOND = 1_000;
/** What ten minutes are to a Prometheus that scrapes every 15 s. */
const OUTAGE_MS = 40 * 250;

interface Fault {
  readonly name: string;
  /** Does it, and ends it. */
  readonly happen: (loop: FaultyLoop) => Promise<void>;
  /** How much longer than the fault itself the band may be absent; where not said, two steps. */
  readonly slackMs?: number;
  /** The band has no gap at all. */
  readonly isSeamless?: boolean;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a Sentio that is killed, and started again at once',
    happen: async ({ sentio }) => {
      await sleep(Math.random() * SECOND);
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
    name: 'a Sentio that is down for forty scrapes',
    happen: async ({ sentio }) => {
      await kill(sentio);
      await sleep(OUTAGE_MS);
      await sentio.restart();
    },
  },
  {
    name: 'a Prometheus that is killed, and down for forty scrapes',
    happen: async ({ prometheus }) => {
      await kill(prometheus);
      await sleep(OUTAGE_MS);
      await prometheus.restart();
    },
    isSeamless: true,
  },
  {
    name: 'both killed, and both down for forty scrapes',
    happen: async ({ prometheus, sentio }) => {
      await Promise.all([kill(prometheus), kill(sentio)]);
      await sleep(OUTAGE_MS);
      await Promise.all([prometheus.restart(), sentio.restart()]);
    },
  },
  {
    name: 'a Sentio that is killed, and its Prometheus before it is back',
    happen: async ({ prometheus, sentio }) => {
      await kill(sentio);
      await sleep(2 * SECOND);
      await kill(prometheus);
      await prometheus.restart();
      await sleep(2 * SECOND);
      await sentio.restart();
    },
  },
  {
    name: 'a database that takes a second and a half over every answer',
    happen: async ({ gate }) => {
      gate.delayMs = 1.5 * SECOND;
      await sleep(OUTAGE_MS);
      gate.delayMs = 0;
    },
    isSeamless: true,
  },
  {
    name: 'a database that answers later than Sentio waits',
    happen: async ({ gate }) => {
      gate.delayMs = 3 * SECOND;
      await sleep(OUTAGE_MS);
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
      await sleep(OUTAGE_MS);
      gate.delayMs = 0;
    },
  },
  {
    name: 'a clock that goes five minutes back, and is set right',
    happen: async ({ clock, sentio }) => {
      await clock.set(sentio, -300 * SECOND);
      await sleep(5 * SECOND);
      await clock.set(sentio, 0);
    },
  },
  {
    name: 'a clock that is ten steps ahead, and is set right',
    happen: async ({ clock, sentio }) => {
      await clock.set(sentio, 10 * SECOND);
      await sleep(5 * SECOND);
      await clock.set(sentio, 0);
      // It was ten steps ahead; that far it has published.
      await sleep(5 * SECOND);
    },
  },
];

describe('what Sentio knows and tells is not harmed by', {
  skip: skipUnlessInstalled('prometheus'),
  timeout: 8 * 60_000,
}, () => {
  const cleanup = new Cleanup();
  let loop: FaultyLoop;
  before(async () => {
    loop = await startFaultyLoop(cleanup);
  });
  after(() => cleanup.run());

  for (const fault of FAULTS) {
    it(fault.name, async () => {
      const fromMs = floorToStep(Date.now()) - 5 * SECOND;
      const startMs = Date.now();
      await fault.happen(loop);
      const faultMs = Date.now() - startMs;
      const toMs = floorToStep(Date.now()) + 3 * SECOND;
      await eventually('the band goes on', async () => (await lastBandMs(loop)) > toMs);
      await assertRingsAreWhole(loop, fromMs, toMs);
      const gapMs = await longestBandGapMs(loop, fromMs, toMs);
      const mostMs = fault.isSeamless ? SECOND : faultMs + (fault.slackMs ?? 2 * SECOND);
      assert.ok(gapMs <= mostMs, `${gapMs} ms without a band, of at most ${mostMs}`);
      assert.deepEqual(loop.gate.rewritten, []);
      assert.deepEqual(loop.gate.refused, []);
      const { stderr } = loop.prometheus.process;
      assert.deepEqual(
        stderr.filter((line) => /duplicate sample|out of order|out of bounds/i.test(line)),
        [],
      );
    });
  }
});

async function kill({ process }: FaultyLoop['sentio'] | FaultyLoop['prometheus']): Promise<void> {
  process.signal('SIGKILL');
  await process.exited;
}

/** Kills Sentio at a moment when the snapshot to come is there in part. */
async function killWhileWriting({ sentio, folder }: FaultyLoop): Promise<void> {
  const unfinished = join(folder, 'sentio.snapshot.tmp');
  for (let tries = 0; tries < 10; tries++) {
    while (!existsSync(unfinished)) await sleep(0);
    await kill(sentio);
    if (existsSync(unfinished)) return;
    await sentio.restart();
  }
  throw new Error('Every snapshot was finished before its writer could be killed');
}

async function lastBandMs({ prometheus }: FaultyLoop): Promise<number> {
  return ((await queryValue(prometheus.url, 'timestamp(shop_queue_yhat{horizon=""})')) ?? 0) * 1_000;
}

function floorToStep(timeMs: number): number {
  return Math.floor(timeMs / SECOND) * SECOND;
}
