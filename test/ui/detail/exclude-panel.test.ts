import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { ExclusionJson } from '#src/http/api/json/exclusions.js';
import type { ExplainAnswer, ExplanationJson } from '#src/http/api/json/explanation.js';
import { Cleanup } from '../../harness/cleanup.js';
import type { Sentio } from '../../harness/sentio.js';
import { eventually } from '../../harness/wait.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from '../browser.js';
import { Fleet, startFastSentio } from '../fleet.js';

const SERIES = [
  { __name__: 'cpu_usage_percent', instance: 'web-1', job: 'web' },
  { __name__: 'queue_length', instance: 'db-1', job: 'db' },
];
const CPU = 'cpu_usage_percent{instance="web-1", job="web"}';

describe('the page, where a reader excludes a time,', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  const fleet = new Fleet(SERIES);
  let sentio: Sentio;
  let browser: Browser;
  /** The alarm that the CPU was in. */
  let alarm: NonNullable<ExplanationJson['alarm']>;

  before(async () => {
    sentio = await startFastSentio(cleanup);
    await fleet.send(cleanup, sentio);
    browser = await startBrowser(cleanup);
    await eventually('the CPU is forecast', async () => (await explain()).expected !== undefined);
    fleet.struck.add('cpu_usage_percent');
    await eventually('it is in alarm', async () => {
      const found = (await explain()).alarm;
      return found !== null && found.end - found.start >= 3;
    });
    const { start } = (await explain()).alarm!;
    fleet.struck.clear();
    await eventually('the alarm is over', async () => (await explain()).alarm === null);
    alarm = (await explain(start + 0.5)).alarm!;
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    for (const { id } of await exclusions()) await fetch(`${sentio.url}/api/v1/exclusions/${id}`, { method: 'DELETE' });
  });
  after(() => cleanup.run());

  async function explain(time?: number): Promise<ExplanationJson> {
    const params = new URLSearchParams({ 'match[]': CPU, exact: 'true', ...(time && { time: String(time) }) });
    const { data } = (await (await fetch(`${sentio.url}/api/v1/explain?${params}`)).json()) as ExplainAnswer;
    return data[0]!;
  }

  async function exclusions(): Promise<ExclusionJson[]> {
    const { data } = (await (await fetch(`${sentio.url}/api/v1/exclusions`)).json()) as { data: ExclusionJson[] };
    return data;
  }

  /** Opens the minute about the alarm, which is explained. */
  async function open(options = {}, more: Record<string, string> = {}) {
    const [from, to] = [Math.floor(alarm.start) - 30, Math.ceil(alarm.end) + 30];
    const query = new URLSearchParams({ series: CPU, start: String(from), end: String(to), ...more });
    const opened = await openPage(browser, `${sentio.url}/?${query}`, options);
    await opened.page.locator('.chart canvas').first().waitFor();
    return opened;
  }

  const panel = (page: Page) => page.getByRole('region', { name: 'Exclude a time' });
  const status = (page: Page, text: RegExp) => panel(page).getByRole('status').filter({ hasText: text }).waitFor();

  test('proposes the last alarm, says that a time without length is none, and fits a phone', async () => {
    const { page } = await open({ viewport: { width: 390, height: 780 }, hasTouch: true });
    await page.getByRole('button', { name: 'Exclude a time' }).click();
    const zone = await page.evaluate<number>('new Date().getTimezoneOffset() * 60');
    const instant = async (name: string) =>
      Date.parse(`${await panel(page).getByLabel(name).inputValue()}Z`) / 1000 + zone;
    assert.deepEqual([await instant('From'), await instant('To')], [Math.floor(alarm.start), Math.ceil(alarm.end)]);
    await panel(page)
      .getByLabel('To')
      .fill(await panel(page).getByLabel('From').inputValue());
    await panel(page).getByRole('button', { name: 'Incident' }).click();
    await panel(page).getByRole('alert').filter({ hasText: 'The end must be after the beginning.' }).waitFor();
    assert.deepEqual(await exclusions(), []);
    const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    assert.equal(wide, 0);
    await screenshot(page, 'exclude-phone');
  });

  test('marks the alarm that is explained as not an anomaly, says so at once, and takes it back, by keys alone', async () => {
    const { page, complaints } = await open({}, { why: String(alarm.start + 0.5) });
    await page.locator('.why-verdict', { hasText: 'in alarm' }).waitFor();
    await page.getByRole('button', { name: 'Exclude this' }).press('Enter');
    await panel(page).getByText('the like of them is quiet').waitFor();
    await panel(page).getByLabel('Reason').fill('load test ünï "quoted"');
    await panel(page).getByRole('button', { name: 'Not an anomaly' }).press('Enter');
    await status(page, /^not an anomaly: in effect\. 1 of its alarms is accepted\.$/);
    const [added, ...others] = await exclusions();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [added!.kind, added!.match, added!.reason, added!.start, added!.end],
      ['not_an_anomaly', [CPU], 'load test ünï "quoted"', Math.floor(alarm.start), Math.ceil(alarm.end)],
    );
    await page
      .locator('.why-verdict', { hasText: /Accepted, no alarm: .* marked as not an anomaly on .*: load test/ })
      .waitFor();
    await screenshot(page, 'exclude-light');
    await panel(page)
      .getByRole('button', { name: /^Delete: not an anomaly: load test/ })
      .press('Enter');
    await status(page, /^Deleted: not an anomaly: load test/);
    await panel(page).getByText('Nothing is excluded of this series by people.').waitFor();
    assert.deepEqual(await exclusions(), []);
    await page.keyboard.press('Escape');
    await panel(page).waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Exclude a time');
    assert.deepEqual(complaints, []);
  });

  test('puts all of a job into maintenance for the window of the time line, which the chart, its readout and explain say', async () => {
    const window = { alarms_from: String(alarm.start - 5), alarms_to: String(alarm.end + 5) };
    const { page, complaints } = await open({ colorScheme: 'dark' }, window);
    await page.getByRole('button', { name: 'Exclude a time' }).click();
    await panel(page).getByLabel('Series').selectOption('{job="web"}');
    await panel(page).getByLabel('Reason').fill('disk swap');
    await panel(page).getByRole('button', { name: 'Maintenance' }).click();
    await status(page, /^maintenance: in effect\.$/);
    const [added] = await exclusions();
    assert.deepEqual(
      [added!.kind, added!.match, added!.start, added!.end],
      ['maintenance', ['{job="web"}'], Math.floor(alarm.start - 5), Math.ceil(alarm.end + 5)],
    );
    const plot = page.locator('.chart .u-over').first();
    const { width } = (await plot.boundingBox())!;
    await plot.hover({ position: { x: width / 2, y: 20 } });
    await page.locator('.readout-bands', { hasText: /^maintenance: disk swap$/ }).waitFor();
    await screenshot(page, 'exclude-dark');
    await plot.click({ position: { x: width / 2, y: 20 } });
    await page.locator('.why-verdict', { hasText: /^No score and no alarm: maintenance: disk swap, until/ }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('tells a reader without the permission what is missing', async () => {
    const { page } = await open();
    await page.route('**/api/v1/exclusions', (route) =>
      route.fulfill({ status: 403, json: { status: 'error', errorType: 'forbidden', error: 'not an administrator' } }),
    );
    await page.getByRole('button', { name: 'Exclude a time' }).click();
    await panel(page).getByRole('button', { name: 'Incident' }).click();
    await panel(page)
      .getByRole('alert')
      .filter({ hasText: /You may not change what is excluded: .*receiver\.admins/ })
      .waitFor();
    assert.deepEqual(await exclusions(), []);
  });
});
