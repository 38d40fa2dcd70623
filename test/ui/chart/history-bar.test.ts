import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Cleanup } from '../../harness/cleanup.js';
import { startHttpServer } from '../../harness/http-server.js';
import { startSentio } from '../../harness/sentio.js';
import { HANG_MS } from '../../harness/wait.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from '../browser.js';
import { Fleet } from '../fleet.js';

const SERIES = ['web-1', 'web-2', 'web-3', 'web-4'].map((instance) => ({ __name__: 'cpu_usage_percent', instance }));

describe('the page, while history is read from a slow database,', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  test('tells how many series have theirs, and no more of it afterwards', { timeout: HANG_MS }, async () => {
    /** Requests it lets pass before it keeps all others waiting. */
    let passes = 0;
    const waiting: (() => void)[] = [];
    const database = await startHttpServer(cleanup, (request, response) => {
      request.resume();
      // A history without a single series.
      const answer = () => response.setHeader('content-type', 'application/x-streamed-protobuf').end();
      if (passes-- > 0) answer();
      else waiting.push(answer);
    });
    const sentio = await startSentio(cleanup, {
      remote_read: [{ url: `http://${database}/`, max_series_per_request: 1, max_concurrent_requests: 1 }],
      rules: [{ name: 'all', match: ['{__name__=~".+"}'], step: '1s', history: '20m', horizon: '10m' }],
    });
    const fleet = new Fleet(SERIES);
    await fleet.send(cleanup, sentio);
    const { page, complaints } = await openPage(await startBrowser(cleanup), sentio.url);
    page.setDefaultTimeout(60_000);
    const bar = page.locator('.history');
    const share = () => bar.locator('progress').evaluate((element) => (element as { value?: number }).value);
    await bar.getByText('history: 0 of 4 series').waitFor();
    assert.equal(await share(), 0);
    passes = 2;
    waiting.shift()!();
    await bar.getByText('history: 3 of 4 series').waitFor();
    assert.equal(await share(), 0.75);
    await screenshot(page, 'page-history');
    passes = Number.POSITIVE_INFINITY;
    for (const answer of waiting) answer();
    await bar.waitFor({ state: 'hidden' });
    assert.deepEqual(complaints, []);
  });
});
