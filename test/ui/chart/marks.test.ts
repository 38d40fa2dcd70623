import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { MarkerEventJson, MarkersAnswer } from '#src/http/api/json/markers.js';
import { eventLabel, eventsAt } from '#src/ui/chart/marks.js';
import { Cleanup } from '../../harness/cleanup.js';
import { sendSeries } from '../../harness/remote-write.js';
import type { Sentio } from '../../harness/sentio.js';
import { eventually } from '../../harness/wait.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from '../browser.js';
import { Fleet, startFastSentio } from '../fleet.js';

function event(time: number): MarkerEventJson {
  return { marker: 'deploy', metric: 'release', time, labels: {}, changes: [], text: 'release changed' };
}

test('eventsAt() finds the events near a time, the nearest first', () => {
  const events = [10, 20, 24, 40].map(event);
  assert.deepEqual(
    eventsAt(events, 23, 5).map(({ time }) => time),
    [24, 20],
  );
  assert.equal(eventLabel(events[0]!), 'deploy: release changed');
});

/** Evaluated in the page. */
const LINES = `(() => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'var(--event)';
  const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  const canvas = document.querySelector('.chart canvas');
  const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const isOfEvents = (i) => data[i] === r && data[i + 1] === g && data[i + 2] === b;
  const found = [];
  for (let x = 0; x < width; x++) {
    let count = 0;
    for (let y = 0; y < height; y++) if (isOfEvents(4 * (y * width + x))) count++;
    if (count > height / 5) found.push(x / devicePixelRatio);
  }
  return found;
})()`;

describe('the chart', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  let sentio: Sentio;
  let browser: Browser;
  /** When the version of job web changed. */
  let deployedMs: number;

  before(async () => {
    const marker = { name: 'deploy', match: ['build_info'], labels: ['version'], by: ['job'] };
    sentio = await startFastSentio(cleanup, [], [marker]);
    await new Fleet([
      { __name__: 'cpu_usage', job: 'web' },
      { __name__: 'queue_length', job: 'db' },
    ]).send(cleanup, sentio);
    deployedMs = Date.now() - 120_000;
    const info = (version: string, fromMs: number, toMs: number) => ({
      labels: { __name__: 'build_info', job: 'web', pod: version, version },
      points: Array.from({ length: (toMs - fromMs) / 10_000 }, (_, i) => ({ timeMs: fromMs + i * 10_000, value: 1 })),
    });
    await sendSeries(sentio.writeUrl, [
      info('1.2', deployedMs - 60_000, deployedMs),
      info('1.3', deployedMs, deployedMs + 100_000),
    ]);
    browser = await startBrowser(cleanup);
    await eventually('the deployment is seen', async () => {
      const answer = (await (await fetch(`${sentio.url}/api/v1/markers`)).json()) as MarkersAnswer;
      return answer.total === 1;
    });
  });
  after(() => cleanup.run());

  /** Places across the uppermost canvas, in CSS pixels of it, where a column has much of the colour of events. */
  function linesOf(page: Page): Promise<number[]> {
    return page.evaluate(LINES);
  }

  test('has a line where something happened to what the series belongs to, and says what', async () => {
    const series = encodeURIComponent('cpu_usage{job="web"}');
    const [start, end] = [Math.round(deployedMs / 1000) - 60, Math.round(deployedMs / 1000) + 60];
    const { page, complaints } = await openPage(browser, `${sentio.url}/?series=${series}&start=${start}&end=${end}`);
    await page.locator('.chart canvas').first().waitFor();
    const lines = await eventually('there is a line', async () => {
      const found = await linesOf(page);
      return found.length > 0 && found;
    });
    assert.equal(lines.length, 1);
    const box = (await page.locator('.chart canvas').first().boundingBox())!;
    await page.mouse.move(box.x + lines[0]!, box.y + box.height / 2);
    await page.locator('.readout-events', { hasText: 'deploy: build_info{version} changed from 1.2 to 1.3' }).waitFor();
    await screenshot(page, 'event');
    await page.mouse.move(box.x + lines[0]! + 120, box.y + box.height / 2);
    await page.locator('.readout-events:empty').waitFor({ state: 'attached' });
    assert.deepEqual(complaints, []);
  });

  test('has none where it happened to something else', async () => {
    const series = encodeURIComponent('queue_length{job="db"}');
    const { page } = await openPage(browser, `${sentio.url}/?series=${series}`);
    await page.locator('.chart canvas').first().waitFor();
    await page.locator('.readout-time', { hasText: ':' }).waitFor();
    assert.equal(await page.locator('.readout-events').isVisible(), false);
    assert.deepEqual(await linesOf(page), []);
  });
});
