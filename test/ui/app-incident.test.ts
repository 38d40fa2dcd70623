import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { SeriesAnswer } from '#src/http/api/json/series.js';
import { Cleanup } from '../harness/cleanup.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from './browser.js';
import { Fleet, startFastSentio } from './fleet.js';

describe('the page of an incident', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  test('says what is in it, and lists its series by a click or a key', async () => {
    const pods = (metric: string, job: string, service: string) =>
      Array.from({ length: 6 }, (_, i) => ({ __name__: metric, job, service, pod: `${service}-${i}` }));
    const fleet = new Fleet([...pods('latency_seconds', 'web', 'checkout'), ...pods('queue_length', 'db', 'cart')]);
    const sentio = await startFastSentio(cleanup);
    await fleet.send(cleanup, sentio);
    const browser = await startBrowser(cleanup);
    const { page, complaints } = await openPage(browser, sentio.url);
    await eventually('every series has a score', async () => {
      const { data } = (await (await fetch(`${sentio.url}/api/v1/series`)).json()) as SeriesAnswer;
      return data.length === 12 && data.every(({ last }) => last.anomaly_score !== null);
    });
    assert.equal(await page.getByRole('region', { name: 'Open incidents' }).isVisible(), false);
    fleet.struck.add('latency_seconds');
    const incident = page.getByRole('region', { name: 'Open incidents' }).getByRole('button');
    await incident
      .filter({ hasText: /^6 of 6 series of \w+="\w+" since \d\d-\d\d \d\d:\d\d$/ })
      .waitFor({ timeout: HANG_MS });
    assert.match(
      (await incident.getAttribute('title')) ?? '',
      /^6 of 6 series of .*: in alarm since .*Z, highest score /,
    );
    await incident.focus();
    await page.keyboard.press('Enter');
    await page.getByText('6 series', { exact: true }).waitFor();
    assert.match(new URL(page.url()).searchParams.get('search') ?? '', /^\{\w+="\w+"\}$/);
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
    await screenshot(page, 'page-incident');
    await page.setViewportSize({ width: 390, height: 844 });
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
    await screenshot(page, 'page-incident-phone');
    assert.deepEqual(complaints, []);
  });
});
