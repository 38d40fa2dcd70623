import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Cleanup } from '../harness/cleanup.js';
import { freePort } from '../harness/port.js';
import { startSentio } from '../harness/sentio.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from './browser.js';
import { Fleet, FOUR_SERIES, startFastSentio } from './fleet.js';

describe('the page of a new server', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  test('says how to have something written to it, and shows what comes without being asked', async () => {
    const sentio = await startFastSentio(cleanup);
    const browser = await startBrowser(cleanup);
    const { page, complaints } = await openPage(browser, sentio.url, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('heading', { name: 'Nothing has been written yet' }).waitFor();
    await page.getByRole('button', { name: 'Copy: prometheus.yml' }).click();
    await page.getByText('Copied').waitFor();
    const copied = String(await page.evaluate('navigator.clipboard.readText()'));
    assert.match(copied, /^remote_write:\n/);
    assert.ok(copied.includes(`url: ${sentio.writeUrl}\n`), copied);
    await screenshot(page, 'page-empty');
    await new Fleet(FOUR_SERIES).sendHistory(sentio);
    await page.locator('.row').first().waitFor();
    assert.deepEqual(complaints, []);
  });

  test('says where forecasts do not arrive, and why', async () => {
    const port = await freePort();
    const sentio = await startFastSentio(cleanup, [
      { name: 'prometheus', url: `http://127.0.0.1:${port}/api/v1/write` },
    ]);
    await new Fleet(FOUR_SERIES).send(cleanup, sentio);
    const browser = await startBrowser(cleanup);
    const { page, complaints } = await openPage(browser, sentio.url);
    await page
      .getByRole('alert')
      .filter({ hasText: /^Forecasts have not reached prometheus since .*: nothing listens at its address\.$/ })
      .waitFor();
    assert.deepEqual(complaints, []);
  });

  test('says where no rule matches what arrives, and what looks like a typo', async () => {
    const sentio = await startSentio(cleanup, { rules: [{ name: 'cpu', match: ['cpu_usage_precent'] }] });
    await new Fleet(FOUR_SERIES).sendHistory(sentio);
    const browser = await startBrowser(cleanup);
    const { page, complaints } = await openPage(browser, sentio.url);
    await page.getByRole('heading', { name: 'No rule matches what arrives' }).waitFor();
    await page
      .getByText(
        '4 series arrive, none matches a rule. Rule cpu asks for the name cpu_usage_precent; the nearest that arrives is cpu_usage_percent.',
      )
      .waitFor();
    assert.equal(await page.getByRole('heading', { name: 'Nothing has been written yet' }).isVisible(), false);
    assert.deepEqual(complaints, []);
  });
});
