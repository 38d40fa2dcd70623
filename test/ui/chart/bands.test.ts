import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { bandsAt, bandsOf } from '#src/ui/chart/bands.js';
import { DAY } from '../../fixtures.js';
import { Cleanup } from '../../harness/cleanup.js';
import { startSentio } from '../../harness/sentio.js';
import { openPage, screenshot, skipWithoutChromium, startBrowser } from '../browser.js';
import { Fleet } from '../fleet.js';

const curve = {
  excluded_times: [
    { start: 100, end: 200, kind: 'maintenance', id: 'a', reason: 'disk swap', alarms: false, learn: false },
    { start: 150, end: 160, kind: 'not_an_anomaly', id: 'b', reason: '', alarms: false, learn: true },
    { start: 400, end: 500, kind: 'rule', reason: 'Backup', alarms: false, learn: false },
  ],
  special_days: [{ start: 0, end: 200, name: 'Unity Day', like: 'sunday', text: 'expected as a Sunday: Unity Day' }],
} as const;

test('bandsOf() says what each excluded time and special day is, special days first', () => {
  assert.deepEqual(
    bandsOf(curve).map(({ kind, text }) => [kind, text]),
    [
      ['special', 'expected as a Sunday: Unity Day'],
      ['excluded', 'maintenance: disk swap'],
      ['excluded', 'not an anomaly'],
      ['excluded', 'excluded by its rule: Backup'],
    ],
  );
});

test('bandsAt() finds every band that a time is in, without its end', () => {
  const at = (time: number) => bandsAt(bandsOf(curve), time).length;
  assert.deepEqual([99, 100, 150, 160, 199, 200, 400, 500].map(at), [1, 2, 3, 2, 2, 0, 1, 0]);
});

describe('the page', { skip: skipWithoutChromium() }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  test('says of a time which special day it is, in the zone of the rule where that is chosen', async () => {
    const date = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
    const rule = { name: 'all', match: ['{__name__=~".+"}'], step: '1s', history: '20m', horizon: '10m' };
    const days = [{ name: 'Stocktaking', from: date(-2), to: date(2) }];
    const sentio = await startSentio(cleanup, {
      calendars: [{ name: 'works', days }],
      rules: [{ ...rule, timezone: 'Asia/Kolkata', special_days: [{ calendar: 'works', ignore: true }] }],
    });
    await new Fleet([{ __name__: 'load' }]).send(cleanup, sentio);
    const browser = await startBrowser(cleanup);
    const { page, complaints } = await openPage(browser, `${sentio.url}/?series=load`, { timezoneId: 'UTC' });
    await page.locator('.readout-bands', { hasText: /^neither learnt nor scored: Stocktaking$/ }).waitFor();
    const minutes = async () => {
      const [, hour, minute] = /(\d\d):(\d\d):/.exec((await page.locator('.readout-time').textContent())!)!;
      return Number(hour) * 60 + Number(minute);
    };
    const inUtc = await minutes();
    await page.getByRole('combobox', { name: 'Zone of times' }).selectOption('rule');
    const ahead = ((await minutes()) - inUtc + 1440) % 1440;
    assert.ok(ahead === 330 || ahead === 331, `${ahead} minutes ahead of UTC`);
    await screenshot(page, 'special-day');
    assert.deepEqual(complaints, []);
  });
});
