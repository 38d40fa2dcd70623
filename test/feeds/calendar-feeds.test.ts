import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { CalendarFeeds } from '#src/feeds/calendar-feeds.js';
import type { IcalSource } from '#src/model/settings/ical-source.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';
import { MetricsPage } from '../harness/metrics-page.js';
import { eventually } from '../harness/wait.js';

const NOW = Date.parse('2026-06-01T00:00Z');

function icalOf(...dates: readonly string[]): string {
  const events = dates.map((date) => `BEGIN:VEVENT\nSUMMARY:${date}\nDTSTART:${date}\nEND:VEVENT\n`);
  return `BEGIN:VCALENDAR\n${events.join('')}END:VCALENDAR\n`;
}

/** Feeds, what they log and how often they say that a calendar has changed. */
function setUp(t: TestContext, sources: readonly IcalSource[]) {
  const lines: { level: number; msg: string; reason?: string }[] = [];
  const registry = new Registry();
  let changes = 0;
  const feeds = new CalendarFeeds(sources, {
    onChange: () => changes++,
    userAgent: 'test',
    now: () => NOW,
    log: pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) }),
    registry,
  });
  t.after(() => feeds.close());
  return {
    feeds,
    lines,
    changes: () => changes,
    names: () => feeds.events.get('works')?.map(({ name }) => name),
    isRead: async () =>
      new MetricsPage(await registry.metrics()).sum('sentio_calendar_last_read_successful', { calendar: 'works' }),
  };
}

/** A server that answers as `answer` does, which may be changed. */
async function startServer(t: TestContext, answer: (response: ServerResponse) => void) {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const served = { answer, requests: 0 };
  const address = await startHttpServer(cleanup, (_request, response) => {
    served.requests++;
    served.answer(response);
  });
  return { served, url: `http://${address}/private-s3cret/basic.ics` };
}

function source(url: string, refreshIntervalMs: number): IcalSource {
  const endpoint = { name: 'works', url, credentials: {}, headers: {}, timeoutMs: 10_000 };
  return { calendar: 'works', events: [], endpoint, refreshIntervalMs };
}

test('a calendar is fetched at the start and at its interval', async (t) => {
  const { served, url } = await startServer(t, (response) => response.end(icalOf('20261224')));
  const { feeds, names, changes, isRead } = setUp(t, [source(url, 50)]);
  await feeds.start(60_000);
  assert.deepEqual(names(), ['20261224']);
  assert.equal(await isRead(), 1);
  served.answer = (response) => response.end(icalOf('20261224', '20261231'));
  await eventually('the other entry is there', () => names()?.length === 2, { intervalMs: 20 });
  const { requests } = served;
  await eventually('it is asked on', () => served.requests > requests + 1, { intervalMs: 20 });
  assert.equal(changes(), 2, 'what stays the same is no change');
});

test('a calendar that fails keeps its last good entries, and says so once, without its URL', async (t) => {
  const { served, url } = await startServer(t, (response) => response.end(icalOf('20261224')));
  const { feeds, names, lines, isRead } = setUp(t, [source(url, 50)]);
  await feeds.start(60_000);
  const failures: [name: string, reason: RegExp, answer: (response: ServerResponse) => void][] = [
    ['an error', /answered 500/, (response) => response.writeHead(500).end()],
    ['a redirect', /redirects are not followed/, (response) => response.writeHead(302, { location: '/x' }).end()],
    ['a page', /is no iCalendar/, (response) => response.end('<html>')],
    ['too much', /more than 2 MiB/, (response) => response.end('x'.repeat(2 * 2 ** 20 + 1))],
    ['no answer', /closed|hang up|reset/, (response) => response.destroy()],
  ];
  for (const [name, reason, answer] of failures) {
    served.answer = answer;
    await eventually(`${name} is reported`, () => lines.some((line) => reason.test(line.reason ?? '')), {
      intervalMs: 20,
    });
    assert.deepEqual(names(), ['20261224'], name);
    assert.equal(await isRead(), 0, name);
  }
  assert.equal(lines.filter(({ level }) => level === 40).length, failures.length);
  assert.doesNotMatch(JSON.stringify(lines), /s3cret/);
  served.answer = (response) => response.end(icalOf('20261231'));
  await eventually('it is read again', () => names()?.[0] === '20261231', { intervalMs: 20 });
  assert.equal(await isRead(), 1);
});

test('a start does not wait for a calendar that does not come', async (t) => {
  const { served, url } = await startServer(t, () => {});
  const { feeds, names } = setUp(t, [source(url, 60_000)]);
  await feeds.start(1);
  assert.deepEqual(names(), []);
  await eventually('it is asked', () => served.requests > 0, { intervalMs: 20 });
});

test('a calendar file begins with what the configuration read of it', async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const file = join(await temporaryFolder(cleanup), 'works.ics');
  const events = [{ name: 'old', fromMs: NOW, toMs: NOW + 1, isLocal: true }];
  const { feeds, names, isRead } = setUp(t, [{ calendar: 'works', events, file }]);
  await feeds.start(60_000);
  assert.deepEqual([names(), await isRead()], [['old'], 0], 'there is no such file');
  await writeFile(file, icalOf('20261224'));
  feeds.setSources([{ calendar: 'works', events, file }]);
  await eventually('it is read', () => names()?.[0] === '20261224', { intervalMs: 20 });
  assert.equal(await isRead(), 1);
});

test('a reload keeps a calendar that stays, gives another URL the entries so far, and drops the others', async (t) => {
  const { served, url } = await startServer(t, (response) => response.end(icalOf('20261224')));
  const { feeds, names, isRead } = setUp(t, [source(url, 60_000)]);
  await feeds.start(60_000);
  feeds.setSources([source(url, 60_000)]);
  assert.deepEqual([names(), served.requests], [['20261224'], 1], 'the same');
  served.answer = () => {};
  feeds.setSources([source(`${url}?other`, 60_000)]);
  assert.deepEqual(names(), ['20261224'], 'another URL');
  feeds.setSources([]);
  assert.equal(names(), undefined);
  assert.equal(await isRead(), undefined);
});

test('what was fetched is kept, and holds at a start at which nothing can be, but not for another URL', async (t) => {
  const { served, url } = await startServer(t, (response) => response.end(icalOf('20261224')));
  const before = setUp(t, [source(url, 50)]);
  let saved = '';
  let writes = 0;
  before.feeds.persist = async () => {
    saved = before.feeds.save();
    writes++;
  };
  await before.feeds.start(60_000);
  const { requests } = served;
  await eventually('it is asked again', () => served.requests > requests + 1, { intervalMs: 20 });
  assert.equal(writes, 1, 'what stays the same is not written again');
  assert.doesNotMatch(saved, /s3cret/);

  served.answer = (response) => response.writeHead(503).end();
  const after = setUp(t, [source(url, 60_000)]);
  after.feeds.restore(saved);
  assert.equal(after.changes(), 1);
  await after.feeds.start(60_000);
  assert.deepEqual([after.names(), await after.isRead()], [['20261224'], 0]);

  const elsewhere = setUp(t, [source(`${url}?other`, 60_000)]);
  elsewhere.feeds.restore(saved);
  assert.deepEqual([elsewhere.names(), elsewhere.changes()], [[], 0]);
  for (const text of ['', '{}', '[{"calendar": "works"}]', '[null]'])
    assert.throws(() => elsewhere.feeds.restore(text), SyntaxError, text);
});

test('a copy that cannot be written is said, and nothing else', async (t) => {
  const { url } = await startServer(t, (response) => response.end(icalOf('20261224')));
  const { feeds, names, lines } = setUp(t, [source(url, 60_000)]);
  feeds.persist = async () => {
    throw new Error('no space left on device');
  };
  await feeds.start(60_000);
  assert.deepEqual(names(), ['20261224']);
  assert.ok(lines.some(({ msg }) => msg.startsWith('the copies of calendars cannot be written')));
});
