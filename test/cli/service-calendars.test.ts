import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cleanup } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';
import { sendSeries } from '../harness/remote-write.js';
import { startWholeService } from '../harness/whole-service.js';

const DAY = 86_400_000;

/** The name of the special day that it is now for the series `m`. */
async function specialDay(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/explain?match[]=m&time=${Date.now() / 1000}`);
  assert.equal(response.status, 200);
  const { data } = (await response.json()) as { data: { special_day?: { name: string } }[] };
  return data[0]?.special_day?.name;
}

test('the days of a calendar that is fetched hold from the start, and a start does without one that fails', async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  // From yesterday to the day after tomorrow, whatever the time zone and however close midnight is.
  const date = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10).replaceAll('-', '');
  const event = `SUMMARY:Stocktaking\nDTSTART:${date(Date.now() - DAY)}\nDTEND:${date(Date.now() + 2 * DAY)}`;
  let isThere = true;
  const address = await startHttpServer(cleanup, (_request, response) => {
    if (isThere) response.end(`BEGIN:VCALENDAR\nBEGIN:VEVENT\n${event}\nEND:VEVENT\nEND:VCALENDAR\n`);
    else response.writeHead(503).end();
  });
  const yaml = `
calendars: [{ name: works, ical: { url: http://${address}/works.ics } }]
rules: [{ name: all, match: [m], special_days: [{ calendar: works, ignore: true }] }]
`;
  const { url } = await startWholeService(t, yaml);
  await sendSeries(`${url}/api/v1/write`, [{ labels: { __name__: 'm' }, points: [{ timeMs: Date.now(), value: 1 }] }]);
  assert.equal(await specialDay(url), 'Stocktaking');

  isThere = false;
  const without = await startWholeService(t, yaml);
  await sendSeries(`${without.url}/api/v1/write`, [
    { labels: { __name__: 'm' }, points: [{ timeMs: Date.now(), value: 1 }] },
  ]);
  assert.equal(await specialDay(without.url), undefined, 'nothing was fetched');
});
