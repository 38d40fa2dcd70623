import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { SeriesAnswer } from '#src/http/api/json/series.js';
import { Cleanup } from '../harness/cleanup.js';
import { sendSeries } from '../harness/remote-write.js';
import { type Sentio, startSentio } from '../harness/sentio.js';
import { eventually } from '../harness/wait.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from './browser.js';

describe('the page of disks that fill up', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  test('says when each is full and at the earliest when, sorts by it, and says nothing where there is no limit', async () => {
    const learning = { step: '1s', history: '4h' };
    const sentio = await startSentio(cleanup, {
      rules: [
        { name: 'disks', match: ['disk_used_bytes'], limits: { max: 13_600 }, ...learning },
        { name: 'rest', match: ['queue_length'], ...learning },
      ],
    });
    await sendDisks(sentio);
    await eventually('disks have a time to their limit', async () => {
      const { summary } = (await (await fetch(`${sentio.url}/api/v1/series`)).json()) as SeriesAnswer;
      return summary.limited === 3;
    });
    const browser = await startBrowser(cleanup);
    const { page, complaints } = await openPage(browser, sentio.url);
    const full = (instance: string) => page.locator('.row:visible', { hasText: instance }).locator('.row-full');
    await full('disk-a')
      .filter({ hasText: /^full in (5\d min|1 h( \d min)?)$/ })
      .waitFor();
    await full('disk-b')
      .filter({ hasText: /^full in (3\d|4\d) min$/ })
      .waitFor();
    await full('disk-c').filter({ hasText: /^–$/ }).waitFor();
    assert.equal(await full('queue-q').textContent(), '');
    assert.match(
      (await full('disk-b').getAttribute('title')) ?? '',
      /^If it goes on as it does, it reaches the max of its rule at .*, at .* at the earliest\.$/,
    );
    await page.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'full soonest' });
    await page.locator('.row[aria-posinset="1"]', { hasText: 'disk-b' }).waitFor();
    const names = page.locator('.row:visible .row-labels');
    assert.deepEqual(await names.allInnerTexts(), ['disk-b', 'disk-a', 'disk-c', 'queue-q']);
    await screenshot(page, 'page-disks');
    await page.getByRole('combobox', { name: 'Rule' }).selectOption('rest');
    await page.getByText('1 series', { exact: true }).waitFor();
    assert.equal(await full('queue-q').isVisible(), false);
    assert.deepEqual(complaints, []);
  });
});

/** Almost three hours of three disks that hold 13,600, of which a is full in an hour, b in less and c in none; and of a queue. */
async function sendDisks(sentio: Sentio): Promise<void> {
  const until = Math.floor(Date.now() / 1000);
  const times = Array.from({ length: 10_000 }, (_, i) => until - 9_999 + i);
  const series = (name: string, instance: string, value: (second: number) => number) => ({
    labels: { __name__: name, instance },
    points: times.map((time, i) => ({ timeMs: time * 1000, value: value(i) })),
  });
  await sendSeries(sentio.writeUrl, [
    series('disk_used_bytes', 'disk-a', (second) => second + 20 * Math.sin(second)),
    series('disk_used_bytes', 'disk-b', (second) => 1_000 + second + 150 * Math.sin(second / 300)),
    series('disk_used_bytes', 'disk-c', (second) => 1_000 + 20 * Math.sin(second)),
    series('queue_length', 'queue-q', (second) => 50 + Math.sin(second)),
  ]);
}
