import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { Cleanup } from '../../harness/cleanup.js';
import type { Sentio } from '../../harness/sentio.js';
import { eventually, HANG_MS } from '../../harness/wait.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from '../browser.js';
import { Fleet, startFastSentio } from '../fleet.js';

const SERIES = [
  { __name__: 'queue_length', instance: 'db-1', job: 'db' },
  { __name__: 'cpu_usage_percent', instance: 'db-1', job: 'db' },
  { __name__: 'cpu_usage_percent', instance: 'web-1', job: 'web' },
];
const QUEUE = `/?series=${encodeURIComponent('queue_length{instance="db-1", job="db"}')}`;

describe('settings tried on the page', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  const fleet = new Fleet(SERIES);
  let sentio: Sentio;
  let browser: Browser;

  before(async () => {
    sentio = await startFastSentio(cleanup);
    await fleet.send(cleanup, sentio);
    browser = await startBrowser(cleanup);
    const inAlarm = async () => {
      const answer = await fetch(`${sentio.url}/api/v1/series?match[]=queue_length&alarm=any`);
      return ((await answer.json()) as { data: unknown[] }).data.length;
    };
    await eventually('the queue has a score', async () => {
      const answer = await fetch(`${sentio.url}/api/v1/series?match[]=queue_length`);
      const { data } = (await answer.json()) as { data: { last: { anomaly_score: number | null } }[] };
      return data[0] !== undefined && data[0].last.anomaly_score !== null;
    });
    fleet.struck.add('queue_length');
    await eventually('the queue is in alarm', async () => (await inAlarm()) === 1);
    fleet.struck.clear();
    await eventually('the queue is in alarm no more', async () => (await inAlarm()) === 0);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  after(() => cleanup.run());

  test('says which alarms they would take away, leads to them in the chart, and has the rule to copy', async () => {
    const { page, complaints } = await openPage(browser, sentio.url + QUEUE, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Try settings' }).click();
    await page.getByText('Rule rest.').waitFor();
    assert.equal(await page.getByRole('listbox', { name: 'Series' }).isVisible(), false);
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'Change a setting first.' }).waitFor();
    await page.getByLabel('min deviation', { exact: true }).fill('1000');
    await page.keyboard.press('Enter');
    await page
      .locator('.trial-verdict', { hasText: /^[1-9]\d* → 0 alarms in \d+ (s|min); too short to say a weekly rate$/ })
      .waitFor({ timeout: HANG_MS });
    const gone = page.locator('.trial-alarms[data-outcome="gone"]');
    const link = gone.locator('a').first();
    await screenshot(page, 'page-trial');
    await link.click();
    await page.getByRole('button', { name: 'Back to live' }).waitFor();
    assert.equal(await page.locator('.trial-verdict').isVisible(), true);
    await page.getByRole('button', { name: 'Copy: sentio.yml, with these settings' }).click();
    await page.getByText('Copied').waitFor();
    assert.match(String(await page.evaluate('navigator.clipboard.readText()')), /anomaly:\n\s+min_deviation: 1000/);
    await page.keyboard.press('Escape');
    await page.getByRole('listbox', { name: 'Series' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('can be tried on all series of the rule or the list, and what the server refuses is said', async () => {
    const { page, complaints } = await openPage(browser, `${sentio.url}${QUEUE}&try=rule&search=web-1`);
    await page.getByText('Rule rest.').waitFor();
    await page.getByRole('combobox', { name: 'Series to try them on' }).selectOption('list');
    await page.getByText('Rule web.').waitFor();
    assert.equal(new URL(page.url()).searchParams.get('try'), 'list');
    await page.getByLabel('accept after').fill('soon');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'anomaly.accept_after: must be a duration' }).waitFor();
    // The browser itself reports the 400.
    assert.deepEqual(
      complaints.filter((text) => !text.includes('400')),
      [],
    );
  });

  test('Cancel ends it on the server too', async () => {
    const { page } = await openPage(browser, `${sentio.url}${QUEUE}&try=series`);
    await page.getByLabel('min deviation', { exact: true }).fill('1000');
    const ended = page.waitForEvent('requestfailed', (request) => request.method() === 'POST');
    // A server that is stopped has no result before Cancel is clicked.
    sentio.process.signal('SIGSTOP');
    try {
      await page.getByRole('button', { name: 'Try', exact: true }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
    } finally {
      sentio.process.signal('SIGCONT');
    }
    assert.match((await ended).url(), /\/api\/v1\/preview$/);
    await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'hidden' });
    assert.equal(await page.locator('.trial-verdict').count(), 0);
  });

  test('fits a phone: an alarm takes the place of the form, and Back leads to it', async () => {
    const { page, complaints } = await openPage(browser, `${sentio.url}${QUEUE}&try=series`, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      colorScheme: 'dark',
    });
    await page.getByLabel('min deviation', { exact: true }).fill('1000');
    await page.getByRole('button', { name: 'Try', exact: true }).tap();
    const link = page.locator('.trial-alarms[data-outcome="gone"] a').first();
    await link.waitFor({ timeout: HANG_MS });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    await screenshot(page, 'page-trial-phone');
    await link.tap();
    await page.getByRole('heading', { level: 2, name: 'queue_length' }).waitFor();
    await page.goBack();
    await link.waitFor();
    assert.deepEqual(complaints, []);
  });
});
