import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Cleanup } from '../harness/cleanup.js';
import { eventually } from '../harness/wait.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from './browser.js';
import { Fleet, startFastSentio } from './fleet.js';

const SERIES = Array.from({ length: 1_000 }, (_, i) => ({
  __name__: 'container_cpu_usage_percent',
  container: `container-${String(i).padStart(4, '0')}`,
  job: i % 2 === 0 ? 'web' : 'batch',
}));

describe('the page with a thousand series', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  test('holds the rows in sight alone, asks for more as it is scrolled, and reaches the last', async (test) => {
    const sentio = await startFastSentio(cleanup);
    await new Fleet(SERIES).sendHistory(sentio);
    const browser = await startBrowser(cleanup);
    const { page, complaints, requests } = await openPage(browser, sentio.url);
    await page.evaluate(
      'window.longTasks = []; new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ type: "longtask", buffered: true })',
    );
    await page.getByText('the first 100 of 1,000 series').waitFor();
    const nodes = () => page.evaluate('document.querySelectorAll("*").length') as Promise<number>;
    const rows = () => page.evaluate('document.querySelectorAll(".row").length') as Promise<number>;
    const [nodesAtFirst, rowsAtFirst] = [await nodes(), await rows()];
    assert.ok(rowsAtFirst < 40, `${rowsAtFirst} rows`);
    const last = page.locator('.row', { hasText: 'container-0999' });
    await eventually('the last row is in sight', async () => {
      await page.evaluate('document.querySelector(".list").scrollTop = 1e9');
      return last.isVisible();
    });
    await page.locator('.count', { hasText: /^1,000 series$/ }).waitFor();
    assert.equal(await last.getAttribute('aria-setsize'), '1000');
    assert.equal(await last.getAttribute('aria-posinset'), '1000');
    assert.ok((await rows()) < 40);
    // A scroll from the first series to the last leaves nothing behind but the rows of one more screen, which on a slow
    // machine may not have been drawn at first.
    assert.ok((await nodes()) < nodesAtFirst + 250, `${nodesAtFirst} nodes, then ${await nodes()}`);
    const lists = requests.filter((url) => url.includes('/api/v1/series'));
    assert.deepEqual(
      [...new Set(lists.map((url) => new URL(url).searchParams.get('limit')))],
      ['100', '200', '400', '800', '1600'],
    );
    await screenshot(page, 'page-thousand');
    test.diagnostic(`${await nodes()} nodes, long tasks of ${await page.evaluate('longTasks.join()')} ms`);
    assert.deepEqual(complaints, []);
  });
});
