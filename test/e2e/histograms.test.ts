import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { MINUTE } from '../fixtures.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { getJson } from '../harness/json-api.js';
import { type HistogramPoint, sendHistograms } from '../harness/remote-write.js';
import { startSentio, warnings } from '../harness/sentio.js';
import { HANG_MS } from '../harness/wait.js';

const LABELS = { __name__: 'latency', job: 'shop' };

describe('native histograms over a restart', { timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('loses no step: what was observed before counts on', async () => {
    const nowMs = Math.floor(Date.now() / MINUTE) * MINUTE;
    // One histogram a step: each is known only by the one before.
    const points = Array.from({ length: 10 }, (_, i): HistogramPoint => {
      return { timeMs: nowMs - (10 - i) * MINUTE, sum: 3 * (i + 1), counts: [2 * (i + 1), i + 1] };
    });
    const folder = join(await temporaryFolder(cleanup), 'data');
    const sentio = await startSentio(
      cleanup,
      { rules: [{ name: 'latency', match: ['latency'], step: '1m', histogram: { quantiles: [0.5] } }] },
      { flags: [`--storage.path=${folder}`] },
    );
    await sendHistograms(sentio.writeUrl, LABELS, points.slice(0, 5));
    sentio.process.signal('SIGTERM');
    await sentio.process.exited;
    await sentio.restart();
    await sendHistograms(sentio.writeUrl, LABELS, points.slice(5));
    const parameters = new URLSearchParams({
      'match[]': 'latency_avg',
      start: `${(nowMs - 9 * MINUTE) / 1_000}`,
      end: `${(nowMs - MINUTE) / 1_000}`,
      step: '1m',
    });
    const { data } = (await getJson(`${sentio.url}/api/v1/forecast?${parameters}`)) as {
      data: { observed: { times: number[]; values: number[] } }[];
    };
    const { times, values } = data[0]!.observed;
    assert.ok(times.length >= 8 && values.every((value) => value === 1), values.join());
    assert.deepEqual(
      times.filter((time, i) => i > 0 && time - times[i - 1]! !== 60),
      [],
      'a step is missing',
    );
    assert.deepEqual(
      warnings(sentio.process).filter((line) => line.includes('histograms')),
      [],
    );
  });
});
