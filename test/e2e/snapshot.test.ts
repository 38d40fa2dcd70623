import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { getJson } from '../harness/json-api.js';
import { fastClock, sendPast } from '../harness/loop.js';
import { readMetrics } from '../harness/metrics-page.js';
import { type Receiver, startReceiver } from '../harness/receiver.js';
import { type Sentio, startSentio, warnings } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { Shop } from '../harness/workload.js';

const SCRAPE_LABELS = { instance: 'shop:80', job: 'shop' };

describe('sentio serve --storage.path', { timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  /** A Sentio that has fitted and published its shop, with a snapshot every second. */
  async function startFed(): Promise<{ sentio: Sentio; receiver: Receiver; folder: string }> {
    const folder = join(await temporaryFolder(cleanup), 'data');
    const receiver = await startReceiver(cleanup);
    const clock = fastClock([{ name: 'receiver', url: receiver.writeUrl }]) as { rules: object[] };
    const configuration = {
      ...clock,
      engine: { snapshot_interval: '1s' },
      // No refit is due before a test has restarted it, however long that takes.
      rules: [{ ...clock.rules[0], refit_interval: '1d' }],
    };
    const sentio = await startSentio(cleanup, configuration, { flags: [`--storage.path=${folder}`] });
    await sendPast(sentio, new Shop(), SCRAPE_LABELS);
    await eventually('all series are fitted on their whole past', async () => (await fitTimes(sentio)).every(Boolean));
    await eventually('a forecast is published', () => receiver.points.has('shop_queue_yhat'));
    return { sentio, receiver, folder };
  }

  interface Report {
    readonly fit?: { readonly points: number; readonly time: number };
  }

  /** When each series was fitted on the better part of its past; undefined where it was not yet. */
  async function fitTimes({ url }: Sentio): Promise<(number | undefined)[]> {
    const reports = (await getJson(`${url}/api/v1/series`)).data as Report[];
    const times = reports.map(({ fit }) => (fit && fit.points > 700 ? fit.time : undefined));
    return times.length === new Shop().series.length ? times : [undefined];
  }

  async function snapshotAgeS(sentio: Sentio): Promise<number> {
    const takenS = (await readMetrics(sentio.url)).sum('sentio_snapshot_last_success_timestamp_seconds') ?? 0;
    return Date.now() / 1_000 - takenS;
  }

  function assertNothingTwice({ points }: Receiver): void {
    for (const [name, all] of points) {
      // Series that differ in a label share a name here: what counts is that no timestamp has more values than series.
      const seriesOfName = name.startsWith('shop_orders') ? 2 : 1;
      // The value expected in ten seconds is published under the same name.
      const most = name.includes('_yhat') ? 2 * seriesOfName : seriesOfName;
      const counts = new Map<number, number>();
      for (const { timeMs } of all) counts.set(timeMs, (counts.get(timeMs) ?? 0) + 1);
      for (const [timeMs, count] of counts) assert.ok(count <= most, `${name} at ${timeMs} stands ${count} times`);
    }
  }

  it('ends with 1 where its last snapshot cannot be written', async () => {
    const folder = join(await temporaryFolder(cleanup), 'data');
    const sentio = await startSentio(cleanup, {}, { flags: [`--storage.path=${folder}`] });
    // Where a snapshot is written before it is renamed.
    await mkdir(join(folder, 'sentio.snapshot.tmp', 'in the way'), { recursive: true });
    sentio.process.signal('SIGTERM');
    assert.deepEqual(await sentio.process.exited, { code: 1, signal: null });
    assert.match(sentio.process.stderr.at(-1)!, /the last snapshot could not be written/);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`goes on where it stood after ${signal}: with its models, and without a timestamp twice`, async () => {
      const { sentio, receiver } = await startFed();
      const snapshotMs = Date.now();
      await eventually(
        'a snapshot has been taken since',
        async () => (await snapshotAgeS(sentio)) < (Date.now() - snapshotMs) / 1_000,
      );
      const before = await fitTimes(sentio);
      sentio.process.signal(signal);
      await sentio.process.exited;
      const restartMs = Date.now();
      await sentio.restart();
      assert.match(sentio.process.stderr.join('\n'), /"msg":"snapshot loaded"/);
      // No sample has come since: what is known now, and published, is of the snapshot.
      const after = await fitTimes(sentio);
      assert.equal(after.length, before.length);
      for (const [i, time] of after.entries())
        assert.ok(time !== undefined && time <= restartMs / 1_000, `series ${i}`);
      await eventually('its forecast goes on', () =>
        receiver.points.get('shop_queue_yhat')!.some(({ timeMs }) => timeMs > restartMs + 2_000),
      );
      assertNothingTwice(receiver);
    });
  }

  it('starts without a snapshot that is damaged, and says where it is now', async () => {
    const { sentio, folder } = await startFed();
    await sentio.process.stop();
    await writeFile(join(folder, 'sentio.snapshot'), 'damaged');
    await sentio.restart();
    const [warning] = warnings(sentio.process);
    assert.match(warning!, /unusable and set aside: starting without it/);
    assert.match(warning!, /"reason":"it is truncated"/);
    assert.deepEqual((await getJson(`${sentio.url}/api/v1/series`)).data, []);
    assert.equal((await readMetrics(sentio.url)).sum('sentio_snapshot_failures_total', { operation: 'load' }), 1);
    assert.ok((await readdir(folder)).some((name) => name.startsWith('sentio.snapshot.unusable-')));
  });
});
