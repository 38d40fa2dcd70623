import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { fetchCalendars } from '#src/feeds/fetch-calendars.js';
import { Cleanup } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';

test('fetchCalendars() has the days of calendars at a URL, and says which cannot be read', async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const address = await startHttpServer(cleanup, (request, response) => {
    if (request.url === '/gone.ics') response.writeHead(404).end();
    else response.end('BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Works\nDTSTART:20260601\nEND:VEVENT\nEND:VCALENDAR\n');
  });
  const config = parseConfig(
    `calendars:
  - {name: works, ical: {url: http://${address}/works.ics}}
  - {name: gone, ical: {url: http://${address}/gone.ics}}
rules:
  - {name: a, match: [m], special_days: [{calendar: works, ignore: true}], exclude: [{calendar: gone}]}`,
    '.',
  );
  const complaints: string[] = [];
  const { rules } = await fetchCalendars(config, (text) => complaints.push(text));
  const { events = [] } = rules[0]!.settings.specialDays[0]!.calendar;
  assert.deepEqual(
    events.map(({ name }) => name),
    ['Works'],
  );
  assert.deepEqual(complaints, ['calendar gone cannot be read: the server answered 404; going on without its days']);
});

test('fetchCalendars() leaves a configuration without such calendars as it is', async () => {
  const config = parseConfig('', '.');
  assert.equal(await fetchCalendars(config, assert.fail), config);
});
