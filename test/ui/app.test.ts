import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { Cleanup } from '../harness/cleanup.js';
import type { Sentio } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from './browser.js';
import { Fleet, FOUR_SERIES, startFastSentio } from './fleet.js';

const QUEUE = 'queue_length{instance="db-1", job="db"}';

describe('the page', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  const fleet = new Fleet(FOUR_SERIES);
  let sentio: Sentio;
  let browser: Browser;

  before(async () => {
    sentio = await startFastSentio(cleanup);
    await fleet.send(cleanup, sentio);
    browser = await startBrowser(cleanup);
    await eventually('every series has a score', async () => {
      const { data } = (await (await fetch(`${sentio.url}/api/v1/series`)).json()) as {
        data: { last: { anomaly_score: number | null } }[];
      };
      return data.length === FOUR_SERIES.length && data.every(({ last }) => last.anomaly_score !== null);
    });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  after(() => cleanup.run());

  const open = (path = '/', options = {}) => openPage(browser, sentio.url + path, options);

  test('lists every series with value, interval and score, and opens the first', async () => {
    const { page, complaints } = await open();
    await page
      .locator('.row')
      .nth(FOUR_SERIES.length - 1)
      .waitFor();
    assert.equal(await page.locator('.row').count(), FOUR_SERIES.length);
    const row = page.locator('.row', { hasText: 'queue_length' });
    assert.match(
      (await row.getAttribute('aria-label')) ?? '',
      /^queue_length instance="db-1", job="db": \d.*, expected \d.* to \d.*, \d/,
    );
    await page.locator('.chart canvas').first().waitFor();
    await page.locator('.summary button', { hasText: '4 series' }).waitFor();
    await page.locator('.row').nth(3).locator('.sparkline-line[d^="M"]').waitFor({ state: 'attached' });
    await screenshot(page, 'page-light');
    assert.deepEqual(complaints, []);
  });

  test('searches by words and by selector, and says what is wrong with a selector', async () => {
    const { page, complaints } = await open();
    const search = page.getByRole('searchbox');
    await search.fill('CPU web-2');
    await page.getByText('1 series', { exact: true }).waitFor();
    assert.deepEqual(await page.locator('.row:visible .row-labels').allInnerTexts(), ['web-2 · web']);
    assert.equal(new URL(page.url()).searchParams.get('search'), 'CPU web-2');
    await search.fill('{job="db"}');
    await page.locator('.row:visible', { hasText: 'queue_length' }).waitFor();
    assert.equal(await page.locator('.row:visible').count(), 1);
    await search.fill('{job=');
    await page.locator('.problem', { hasText: 'match[]' }).waitFor();
    await search.fill('nothing of that name');
    await page.getByText('No series matches.').waitFor();
    // The browser itself reports the 400.
    assert.deepEqual(
      complaints.filter((text) => !text.includes('400')),
      [],
    );
  });

  test('filters by rule', async () => {
    const { page } = await open();
    await page
      .getByRole('combobox', { name: 'Rule' })
      .locator('option', { hasText: 'rest (1)' })
      .waitFor({ state: 'attached' });
    await page.getByRole('combobox', { name: 'Rule' }).selectOption('rest');
    await page.getByText('1 series', { exact: true }).waitFor();
    assert.deepEqual(await page.locator('.row:visible .row-name').allInnerTexts(), ['queue_length']);
  });

  test('the address carries what is shown: it can be shared, and Back leads back', async () => {
    const { page } = await open();
    await page.locator('.row', { hasText: 'queue_length' }).click();
    await heading(page, 'queue_length');
    assert.equal(new URL(page.url()).searchParams.get('series'), QUEUE);
    await page.getByRole('group', { name: 'How far back' }).getByRole('button', { name: '6h' }).click();
    assert.equal(new URL(page.url()).searchParams.get('back'), '6h');
    const shared = await open(page.url().slice(sentio.url.length));
    await heading(shared.page, 'queue_length');
    await shared.page.locator('button[aria-pressed="true"]', { hasText: '6h' }).waitFor();
    await page.goBack();
    await page.locator('button[aria-pressed="true"]', { hasText: '15m' }).first().waitFor();
    await page.goBack();
    await heading(page, 'cpu_usage_percent');
  });

  test('a link by a selector opens the series that it means, and the address names it from then on', async () => {
    const { page, complaints } = await open(
      `/?series=${encodeURIComponent('{__name__=~"queue_length(_rate)?",instance="db-1",job="db"}')}&back=1h`,
    );
    await heading(page, 'queue_length');
    await eventually('the address names it', () => new URL(page.url()).searchParams.get('series') === QUEUE);
    assert.equal(new URL(page.url()).searchParams.get('back'), '1h');
    await page.locator('.row[aria-selected="true"]', { hasText: 'queue_length' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('an anomaly shows up live, in the list, in the title and in the chart', async () => {
    const { page, complaints } = await open(`/?series=${encodeURIComponent(QUEUE)}`);
    await heading(page, 'queue_length');
    fleet.struck.add('queue_length');
    await page.locator('.row[data-status="above"]', { hasText: 'queue_length' }).waitFor({ timeout: HANG_MS });
    assert.equal(await page.locator('.row').first().locator('.row-name').textContent(), 'queue_length');
    assert.equal(await page.title(), '(1) Sentio');
    await page.locator('.detail .now-state', { hasText: 'in alarm: value' }).waitFor();
    // Untouched, the readout tells the newest value of the chart.
    await eventually('the chart has the anomaly', async () => {
      const score = await page.locator('.readout-item', { hasText: 'score' }).locator('b').textContent();
      return Number.parseFloat(score?.replace('>', '') ?? '') > 1;
    });
    assert.equal(await page.locator('.row').first().locator('.row-kind').textContent(), 'value');
    await page
      .locator('.note', { hasText: /^In alarm since .*\. Its value is unusually far from what is expected\.$/ })
      .waitFor();
    // The count of the header lists what it counts.
    await page.getByRole('button', { name: '1 in alarm' }).click();
    await page.getByText('1 series', { exact: true }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('alarm'), 'any');
    await page.getByRole('combobox', { name: 'Alarms and states' }).selectOption('stuck');
    await page.getByText('No series matches.').waitFor();
    await page.getByRole('button', { name: '4 series' }).click();
    const lane = page.getByRole('button', { name: /^rest: 1 series, 1 in alarm now, [1-9]\d* alarms? in this time/ });
    await lane.waitFor({ timeout: 60_000 });
    const brush = page.getByRole('slider');
    const { x, y, width } = (await brush.boundingBox())!;
    await page.mouse.move(x + width * 0.9, y + 9);
    await page.mouse.down();
    await page.mouse.move(x + width, y + 9, { steps: 4 });
    await page.mouse.up();
    await page.locator('.count', { hasText: /^1 series$/ }).waitFor();
    assert.deepEqual(await page.locator('.row:visible .row-name').allInnerTexts(), ['queue_length']);
    // By keys the window moves to where nothing was, and Escape takes it away.
    await brush.focus();
    for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowLeft');
    await page.getByText('No series matches.').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.count', { hasText: /^4 series$/ }).waitFor();
    await lane.click();
    assert.equal(new URL(page.url()).searchParams.get('rule'), 'rest');
    await screenshot(page, 'page-anomaly');
    fleet.struck.clear();
    assert.deepEqual(complaints, []);
  });

  test('groups the time line by a label, shows times in UTC, and says what its words mean', async () => {
    const { page, complaints } = await open('/', { timezoneId: 'Asia/Tokyo' });
    const group = page.getByRole('combobox', { name: 'Group by' });
    await group.locator('option', { hasText: 'instance' }).waitFor({ state: 'attached' });
    await group.selectOption('label:instance');
    await page.getByRole('button', { name: /^web-1: 2 series, 0 in alarm now/ }).waitFor();
    const value = page.locator('.now-value dt');
    await value.filter({ hasText: 'value at' }).waitFor();
    const hourOf = (text: string | null) => Number(/at (\d\d):/.exec(text ?? '')?.[1]);
    const local = hourOf(await value.textContent());
    await page.getByRole('combobox', { name: 'Zone of times' }).selectOption('utc');
    await eventually('the hour is that of UTC', async () => {
      const ahead = local - hourOf(await value.textContent());
      return [9, 9 - 24, 10, 10 - 24, 8, 8 - 24].includes(ahead);
    });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Words and keys' }).getByText('calming down').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.deepEqual(complaints, []);
  });

  test('groups the list under headings that say how many there are, and fold by click and by key', async () => {
    const { page, complaints } = await open('/?order=name');
    const headings = page.getByRole('combobox', { name: 'Headings' });
    await headings.locator('option', { hasText: 'by job' }).waitFor({ state: 'attached' });
    await headings.selectOption('job');
    await page.getByText('4 series in 2 groups').waitFor();
    const items = page.locator('.row:visible, .group-head:visible');
    const names = async () => {
      const found = await items.evaluateAll((all) =>
        all.map((item) => [
          item.getBoundingClientRect().top,
          item.querySelector('.row-name, .group-name')?.textContent ?? '',
        ]),
      );
      return (found as [number, string][]).sort(([a], [b]) => a - b).map(([, name]) => name);
    };
    const all = ['db', 'queue_length', 'web', 'cpu_usage_percent', 'cpu_usage_percent', 'memory_usage_bytes'];
    await eventually('rows are below their headings', async () => (await names()).join() === all.join());
    const web = page.getByRole('option', { name: /^job web, 3 series/ });
    await web.click();
    await eventually('its rows are gone', async () => (await names()).join() === 'db,queue_length,web');
    assert.equal(new URL(page.url()).searchParams.get('except'), 'web');
    await page.getByRole('listbox', { name: 'Series' }).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await eventually('all are folded', async () => (await names()).join() === 'db,web');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await eventually('one is back', async () => (await names()).join() === ['db', ...all.slice(2)].join());
    await page.getByRole('button', { name: 'Fold all' }).click();
    await eventually('all are folded again', async () => (await names()).join() === 'db,web');
    await page.reload();
    await page.getByRole('button', { name: 'Unfold all' }).click();
    await eventually('all are there', async () => (await names()).join() === all.join());
    await screenshot(page, 'page-headings');
    assert.deepEqual(complaints, []);
  });

  test('a drag zooms in at a finer step, a double click goes back', async () => {
    const { page, requests } = await open(`/?series=${encodeURIComponent(QUEUE)}&back=1d`);
    await heading(page, 'queue_length');
    const over = page.locator('.u-over').first();
    const box = (await over.boundingBox())!;
    const before = lastStep(requests);
    await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Back to live' }).waitFor();
    const { searchParams } = new URL(page.url());
    assert.ok(Number(searchParams.get('end')) - Number(searchParams.get('start')) < 86_400 / 2, page.url());
    await eventually('the zoomed range is asked for', () => lastStep(requests) < before);
    await over.dblclick();
    await page.getByRole('button', { name: 'Back to live' }).waitFor({ state: 'hidden' });
    assert.equal(new URL(page.url()).searchParams.get('start'), null);
  });

  test('shows what a forecast is made of on demand', async () => {
    const { page, complaints } = await open();
    await page.getByRole('button', { name: 'Components' }).click();
    await page.locator('figcaption', { hasText: 'trend' }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('components'), 'true');
    assert.deepEqual(complaints, []);
  });

  test('everything can be done by keys', async () => {
    const { page } = await open();
    await page.locator('.row').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('usage');
    await page.getByText('3 series', { exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    const list = page.getByRole('listbox', { name: 'Series' });
    await page.keyboard.press('End');
    await heading(page, 'memory_usage_bytes');
    const active = await list.getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`#${active}[aria-selected="true"] .row-name`).textContent(), 'memory_usage_bytes');
    await page.keyboard.press('Home');
    await heading(page, 'cpu_usage_percent');
    await page.locator('.chart').focus();
    assert.equal(await outlineOf(page), 'solid');
    await page.keyboard.press('ArrowLeft');
    const readout = page.locator('.readout');
    assert.equal(await readout.getAttribute('aria-live'), 'polite');
    const earlier = await readout.textContent();
    await page.keyboard.press('ArrowLeft');
    assert.notEqual(await readout.textContent(), earlier);
    await page.keyboard.press('+');
    await page.getByRole('button', { name: 'Back to live' }).waitFor();
    await page.locator('.chart').focus();
    await page.keyboard.press('0');
    await page.getByRole('button', { name: 'Back to live' }).waitFor({ state: 'hidden' });
  });

  test('fits a phone: the list, then the series, then back', async () => {
    const { page, complaints } = await open('/', {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      colorScheme: 'dark',
    });
    await page.locator('.row', { hasText: 'queue_length' }).tap();
    await heading(page, 'queue_length');
    assert.equal(await page.locator('.list').isVisible(), false);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    await screenshot(page, 'page-phone');
    await page.getByRole('button', { name: 'All series' }).tap();
    await page.locator('.list').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('the theme follows the system until it is chosen, and the choice is kept', async () => {
    const { page } = await open('/', { colorScheme: 'dark' });
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await background();
    const theme = page.getByRole('button', { name: /^Theme/ });
    await theme.click();
    assert.notEqual(await background(), dark);
    await page.reload();
    await theme.waitFor();
    assert.equal(await theme.getAttribute('aria-label'), 'Theme: light');
    assert.notEqual(await background(), dark);
  });

  // The last one, for it takes the history away.
  test('says when the server is gone, and recovers by itself when it is back, even without its memory', async () => {
    const { page, complaints } = await open(`/?series=${encodeURIComponent(QUEUE)}`);
    await heading(page, 'queue_length');
    await sentio.process.stop();
    await page.getByRole('alert').filter({ hasText: 'Sentio does not answer' }).waitFor();
    await screenshot(page, 'page-server-gone');
    await heading(page, 'queue_length');
    await sentio.restart();
    await page.getByRole('alert').filter({ hasText: 'Sentio does not answer' }).waitFor({ state: 'hidden' });
    await page.locator('.row', { hasText: 'queue_length' }).waitFor();
    await fleet.sendHistory(sentio);
    await page.locator('.row:is([data-status="usual"], [data-status="above"])', { hasText: 'queue_length' }).waitFor();
    // The browser itself reports what it could not reach.
    assert.deepEqual(
      complaints.filter((text) => !text.includes('ERR_')),
      [],
    );
  });
});

async function heading(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { level: 2, name, exact: true }).waitFor();
}

/** The step of the forecast that was asked for last. */
function lastStep(requests: readonly string[]): number {
  const forecast = requests.findLast((url) => url.includes('/api/v1/forecast'));
  return Number(new URL(forecast!).searchParams.get('step'));
}

async function outlineOf(page: Page): Promise<unknown> {
  return page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
}
