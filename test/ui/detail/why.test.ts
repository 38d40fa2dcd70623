import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { ExplainAnswer, ExplanationJson } from '#src/http/api/json/explanation.js';
import { Cleanup } from '../../harness/cleanup.js';
import type { Sentio } from '../../harness/sentio.js';
import { eventually } from '../../harness/wait.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from '../browser.js';
import { alarm } from '../explanation.js';
import { Fleet, startFastSentio } from '../fleet.js';

const SERIES = [
  { __name__: 'cpu_usage_percent', instance: 'web-1', job: 'web' },
  { __name__: 'cpu_usage_percent', instance: 'web-2', job: 'web' },
  { __name__: 'memory_usage_bytes', instance: 'web-1', job: 'web' },
  { __name__: 'queue_length', instance: 'db-1', job: 'db' },
];
const CPU = 'cpu_usage_percent{instance="web-1", job="web"}';
const OTHER_CPU = 'cpu_usage_percent{instance="web-2", job="web"}';

describe('the page, asked why,', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  const fleet = new Fleet(SERIES);
  let sentio: Sentio;
  let browser: Browser;
  /** A step of the incident that both CPUs were in. */
  let alarmAt: number;

  before(async () => {
    sentio = await startFastSentio(cleanup);
    await fleet.send(cleanup, sentio);
    browser = await startBrowser(cleanup);
    await eventually('the CPUs are forecast', async () => (await explain(CPU)).expected !== undefined);
    fleet.struck.add('cpu_usage_percent');
    await eventually('both are in alarm', async () => {
      const { alarm, peers } = await explain(CPU);
      return alarm !== null && peers.anomalous === 1;
    });
    alarmAt = (await explain(CPU)).alarm!.start + 0.5;
    fleet.struck.clear();
    await eventually('the alarm is over', async () => (await explain(CPU)).alarm === null);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  after(() => cleanup.run());

  async function explain(series: string, time?: number): Promise<ExplanationJson> {
    const params = new URLSearchParams({ 'match[]': series, exact: 'true', ...(time && { time: String(time) }) });
    const { data } = (await (await fetch(`${sentio.url}/api/v1/explain?${params}`)).json()) as ExplainAnswer;
    return data[0]!;
  }

  /** Opens the minute about the alarm. */
  async function open(more: Record<string, string> = {}, options = {}) {
    const range = { start: String(Math.floor(alarmAt) - 30), end: String(Math.floor(alarmAt) + 30) };
    const query = new URLSearchParams({ series: CPU, ...range, ...more });
    const opened = await openPage(browser, `${sentio.url}/?${query}`, options);
    await opened.page.locator('.chart canvas').first().waitFor();
    return opened;
  }

  test('tells of a click on an alarm what was expected, why, and what else was in alarm', async () => {
    const { page, complaints } = await open();
    assert.equal(await page.locator('.why').isVisible(), false);
    await page.mouse.click(...(await placeOf(page, alarmAt)));
    await verdict(page, 'Above its interval, and in alarm. Its value is unusually far from what is expected.');
    const { observed, expected } = await explain(CPU, Number(new URL(page.url()).searchParams.get('why')));
    assert.ok(observed.value! > 100);
    assert.equal(await shown(page, 'observed'), `${Math.round(observed.value!)}%`);
    assert.equal(await shown(page, 'expected'), `${Math.round(expected!.yhat!)}%`);
    assert.match(await shown(page, 'interval'), /^\d\d … \d\d%$/);
    assert.ok(Number.parseFloat((await shown(page, 'score')).replace('>', '')) > 1);
    assert.match(await shown(page, 'expected is'), /^trend 5\d\.\d%/);
    assert.match(await shown(page, 'alarm'), /^\d\d-\d\d .* – .*, for \d+ s; highest score/);
    assert.match(await shown(page, 'others'), /^1 of the 2 other series of the rule web was in alarm then:/);
    await screenshot(page, 'why-light');
    assert.deepEqual(complaints, []);
  });

  test('can be asked by keys, and closed by them', async () => {
    const { page } = await open();
    await page.locator('.chart').focus();
    const score = page.locator('.readout-item', { hasText: 'score' }).locator('b');
    // However far one press goes, it does not go past an alarm.
    await eventually('the arrow is at an alarm', async () => {
      await page.keyboard.press('ArrowLeft');
      return Number.parseFloat((await score.textContent())!.replace('>', '')) > 1;
    });
    await page.keyboard.press('Enter');
    await verdict(page, 'Above its interval, and in alarm. Its value is unusually far from what is expected.');
    assert.match(await focused(page), /^section Why\?/);
    await page.keyboard.press('Escape');
    await page.locator('.why').waitFor({ state: 'hidden' });
    assert.match(await focused(page), /^div/);
    assert.equal(new URL(page.url()).searchParams.get('why'), null);
    // Also where the chart has the keys, one closes what is open first, and only the next one zooms out.
    await page.mouse.click(...(await placeOf(page, alarmAt)));
    await page.locator('.why').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.why').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Back to live' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Back to live' }).waitFor({ state: 'hidden' });
  });

  test('the address carries the time: it can be shared, and Back closes what a click opened', async () => {
    const { page } = await open();
    await page.mouse.click(...(await placeOf(page, alarmAt)));
    await verdict(page, 'Above its interval, and in alarm. Its value is unusually far from what is expected.');
    const shared = await openPage(browser, page.url());
    await verdict(shared.page, 'Above its interval, and in alarm. Its value is unusually far from what is expected.');
    assert.equal(await shared.page.locator('.why-time').textContent(), await page.locator('.why-time').textContent());
    await page.goBack();
    await page.locator('.why').waitFor({ state: 'hidden' });
    await page.goForward();
    await verdict(page, 'Above its interval, and in alarm. Its value is unusually far from what is expected.');
    await page.locator('.row', { hasText: 'queue_length' }).click();
    await page.getByRole('heading', { level: 2, name: 'queue_length' }).waitFor();
    assert.equal(await page.locator('.why').isVisible(), false);
  });

  test('neither a drag nor a double click is a question', async () => {
    const { page, requests } = await open();
    const [x, y] = await placeOf(page, alarmAt);
    await page.mouse.move(x - 50, y);
    await page.mouse.down();
    await page.mouse.move(x + 50, y, { steps: 5 });
    await page.mouse.up();
    await eventually(
      'it is zoomed',
      () => new URL(page.url()).searchParams.get('end') !== String(Math.floor(alarmAt) + 30),
    );
    await sinceClick(page);
    await page.mouse.dblclick(x, y);
    await page.getByRole('button', { name: 'Back to live' }).waitFor({ state: 'hidden' });
    await sinceClick(page);
    assert.deepEqual(
      requests.filter((url) => url.includes('/api/v1/explain')),
      [],
    );
    await page.mouse.click(x, y);
    await page.locator('.why').waitFor();
  });

  test('leads to the other series that were in alarm', async () => {
    const { page } = await open({ why: String(alarmAt) });
    await page.getByRole('link', { name: OTHER_CPU }).click();
    await page.locator('.labels', { hasText: 'web-2' }).waitFor();
    await page.getByRole('link', { name: CPU }).waitFor();
    const { searchParams } = new URL(page.url());
    assert.deepEqual([searchParams.get('series'), searchParams.get('why')], [OTHER_CPU, String(alarmAt)]);
    assert.match(await focused(page), /^section/);
    await page.goBack();
    await page.locator('.labels', { hasText: 'web-1' }).waitFor();
  });

  test('leads to the last one like it, and to a step that is out of sight', async () => {
    const { page } = await open({ why: String(alarmAt) });
    const inChart = page.getByRole('link', { name: 'Show in the chart' });
    await verdict(page, 'Above its interval, and in alarm. Its value is unusually far from what is expected.');
    assert.equal(await inChart.isVisible(), false);
    const then = Math.floor(alarmAt) - 240;
    await alter(page, { last_similar: alarm({ start: then, end: then + 20 }) });
    await page.reload();
    await page.locator('.why-facts a', { hasText: /^\d\d-\d\d/ }).click();
    const { searchParams } = new URL(page.url());
    const range = ['start', 'end', 'why'].map((name) => Number(searchParams.get(name)) - then);
    assert.deepEqual(range, [-60, 80, 0.5]);
    await page.goto(page.url().replace(/start=\d+&end=\d+/, `start=${then - 600}&end=${then - 500}`));
    await inChart.click();
    await eventually('the chart is there', () => new URL(page.url()).searchParams.get('start') === String(then - 60));
    await inChart.waitFor({ state: 'hidden' });
  });

  test('says that it looks, what it knows of other times, and why it cannot tell', async () => {
    const { page, complaints } = await open();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/api/v1/explain*', async (route) => {
      await held;
      await route.continue();
    });
    await page.mouse.click(...(await placeOf(page, alarmAt - 15)));
    await verdict(page, 'Looking into it …');
    release();
    await verdict(page, 'Inside its interval, as expected.');
    await page.unrouteAll();
    const visit = async (time: number, text: string) => {
      await page.goto(page.url().replace(/why=[\d.]+/, `why=${time}`));
      await verdict(page, text);
    };
    await visit(alarmAt - 600, 'No value came then.');
    await visit(Date.now() / 1000 + 300, 'This is still to come.');
    assert.match(await shown(page, 'expected is'), /^trend/);
    await visit(alarmAt + 86_400, 'time is beyond the horizon of the series');
    await visit(alarmAt, 'Above its interval, and in alarm. Its value is unusually far from what is expected.');
    await page.route('**/api/v1/explain*', (route) => route.fulfill({ status: 400, json: { error: 'not now' } }));
    await page.mouse.click(...(await placeOf(page, alarmAt - 15)));
    await verdict(page, 'not now');
    // What was shown of another step is gone.
    assert.equal(await page.locator('.why-body').isVisible(), false);
    await page.unrouteAll();
    await alter(page, { expected: undefined, anomaly_score: null, alarm: null });
    await visit(alarmAt, 'Nothing was expected: Sentio is still learning this series.');
    assert.equal(await shown(page, 'expected'), '–');
    await page.unrouteAll();
    await alter(page, { exemplars: [{ labels: { trace_id: 'ab12', span_id: 'cd' }, value: 40, time: alarmAt }] });
    await visit(alarmAt, 'Above its interval, and in alarm. Its value is unusually far from what is expected.');
    assert.match(await shown(page, 'traces'), /^trace_id=ab12 span_id=cd 40\.\d+% at \d\d-\d\d/);
    // The browser itself reports the 400.
    assert.deepEqual(
      complaints.filter((text) => !text.includes('400')),
      [],
    );
  });

  test('answers a tap on a phone, and fits it', async () => {
    const { page, complaints } = await open(
      {},
      { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' },
    );
    await page.getByText('Tap a step to see why').waitFor();
    await page.touchscreen.tap(...(await placeOf(page, alarmAt)));
    await verdict(page, 'Above its interval, and in alarm. Its value is unusually far from what is expected.');
    const beyond = 'document.querySelector(".detail").scrollWidth - document.querySelector(".detail").clientWidth';
    assert.equal(await page.evaluate(beyond), 0);
    await screenshot(page, 'why-phone');
    await page.getByRole('button', { name: 'Close' }).tap();
    await page.locator('.why').waitFor({ state: 'hidden' });
    assert.deepEqual(complaints, []);
  });
});

/** Where a time is in the chart, by the range of the address. */
async function placeOf(page: Page, time: number): Promise<[x: number, y: number]> {
  const { searchParams } = new URL(page.url());
  const [start, end] = [Number(searchParams.get('start')), Number(searchParams.get('end'))];
  const { x, y, width, height } = (await page.locator('.u-over').first().boundingBox())!;
  return [x + (width * (time - start)) / (end - start), y + height / 2];
}

/** As long as a click takes that might have been half of a double click. */
async function sinceClick(page: Page): Promise<void> {
  await page.waitForTimeout(500);
}

async function verdict(page: Page, text: string): Promise<void> {
  await page.locator('.why-verdict').getByText(text, { exact: true }).waitFor();
}

/** A figure or a fact of the panel, by its name. */
async function shown(page: Page, name: string): Promise<string> {
  const item = page.locator('.why dl > div').filter({ has: page.locator('dt').getByText(name, { exact: true }) });
  return (await item.locator('dd').textContent())!;
}

async function focused(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.localName + " " + document.activeElement.textContent');
}

/** Has every answer of the server say something else. */
async function alter(page: Page, given: Partial<ExplanationJson>): Promise<void> {
  await page.route('**/api/v1/explain*', async (route) => {
    const response = await route.fetch();
    const { data, ...answer } = (await response.json()) as ExplainAnswer;
    await route.fulfill({ response, json: { ...answer, data: data.map((one) => ({ ...one, ...given })) } });
  });
}
