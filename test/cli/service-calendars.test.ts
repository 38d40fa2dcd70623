import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Cleanup } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';
import { sendSeries } from '../harness/remote-write.js';
import { startWholeService, type WholeService } from '../harness/whole-service.js';

const DAY = 86_400_000;

/** The name of the special day that it is now for the series `m`. */
async function specialDay(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/explain?match[]=m&time=${Date.now() / 1000}`);
  assert.equal(response.status, 200);
  const { data } = (await response.json()) as { data: { special_day?: { name: string } }[] };
  return data[0]?.special_day?.name;
}

/** A calendar at a URL, with one day that lasts from yesterday to the day after tomorrow, and the configuration that names it. */
async function startCalendar(t: TestContext) {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  // Whatever the time zone and however close midnight is.
  const date = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10).replaceAll('-', '');
  const event = `SUMMARY:Stocktaking\nDTSTART:${date(Date.now() - DAY)}\nDTEND:${date(Date.now() + 2 * DAY)}`;
  const served = { isThere: true };
  const address = await startHttpServer(cleanup, (_request, response) => {
    if (served.isThere) response.end(`BEGIN:VCALENDAR\nBEGIN:VEVENT\n${event}\nEND:VEVENT\nEND:VCALENDAR\n`);
    else response.writeHead(503).end();
  });
  const yaml = `
calendars: [{ name: works, ical: { url: http://${address}/works.ics } }]
rules: [{ name: all, match: [m], special_days: [{ calendar: works, ignore: true }] }]
`;
  return { served, yaml };
}

/** The name of the special day that it is now for the series `m`, which is sent. */
async function dayOf({ url }: WholeService): Promise<string | undefined> {
  await sendSeries(`${url}/api/v1/write`, [{ labels: { __name__: 'm' }, points: [{ timeMs: Date.now(), value: 1 }] }]);
  return specialDay(url);
}

test('the days of a calendar that is fetched hold from the start, and a start does without one that fails', async (t) => {
  const { served, yaml } = await startCalendar(t);
  assert.equal(await dayOf(await startWholeService(t, yaml)), 'Stocktaking');
  served.isThere = false;
  assert.equal(await dayOf(await startWholeService(t, yaml)), undefined, 'nothing was fetched');
});

test('the days of a calendar outlive a restart at which it cannot be fetched', async (t) => {
  const { served, yaml } = await startCalendar(t);
  const storage = mkdtempSync(join(tmpdir(), 'sentio-calendars-'));
  const first = await startWholeService(t, yaml, storage);
  assert.equal(await dayOf(first), 'Stocktaking');
  await first.close();
  served.isThere = false;
  assert.equal(await dayOf(await startWholeService(t, yaml, storage)), 'Stocktaking');
});
