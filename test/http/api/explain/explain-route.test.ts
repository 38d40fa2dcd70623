import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { Registry } from 'prom-client';
import { ExemplarStore } from '#src/exemplars/exemplar-store.js';
import { explainRoute } from '#src/http/api/explain/explain-route.js';
import type { ExplanationJson } from '#src/http/api/json/explanation.js';
import { Reads } from '#src/http/request/reads.js';
import { MarkerStore } from '#src/markers/marker-store.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { fastClock, normal, settle, uniform } from '../../../engine/fast-clock.js';
import { START } from '../../../engine/fixture.js';
import { DAY, HOUR, MINUTE } from '../../../fixtures.js';
import { makeAccess } from '../../access-fixture.js';
import { makeServer } from '../../server-fixture.js';

const END = START + 3 * DAY + 90 * MINUTE;

/** Of the series and of a histogram of the same family: in and after the alarm that goes on at the end. */
const exemplars = new ExemplarStore({ isWanted: () => true, externalLabels: [] });

/** A release two minutes before the second alarm. */
const markers = new MarkerStore([{ name: 'deploy', selectors: [parseSelector('release')], labels: [], by: [] }]);
const RELEASED = START + 3 * DAY + 78 * MINUTE;

let life: ReturnType<typeof fastClock>;

// Three days of a daily wave, then two incidents above it an hour apart, of which the second goes on; another series of the
// rule is in alarm with the second, and a third one was the day before, for two minutes.
before(async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  life = fastClock({ markers });
  const release = markers.find(makeLabels({ __name__: 'release' }), '');
  markers.append(release, RELEASED - MINUTE, 7);
  markers.append(release, RELEASED, 8);
  const random = uniform(1);
  await life.pass(END, (timeMs) => {
    const sinceMs = timeMs - START - 3 * DAY;
    const isSecond = sinceMs > 80 * MINUTE;
    const isOff = (sinceMs > 0 && sinceMs < 10 * MINUTE) || isSecond;
    for (const host of ['a', 'b']) {
      const isBefore = host === 'b' && sinceMs > -DAY + MINUTE && sinceMs <= -DAY + 3 * MINUTE;
      const value = 50 + normal(random) + ((isSecond && host === 'a') || isBefore ? -30 : 0);
      life.appendTo({ __name__: 'peer', host }, timeMs, value);
    }
    return 100 + 20 * Math.sin((2 * Math.PI * timeMs) / DAY) + normal(random) + (isOff ? 60 : 0);
  });
  mock.timers.tick(11_000);
  await settle();
  life.engine.stop();
});
after(() => mock.timers.reset());

function ask(t: Parameters<typeof makeServer>[0], query: string) {
  const { app } = makeServer(t);
  app.register(explainRoute, {
    queries: life.engine.queries,
    access: makeAccess(),
    reads: new Reads(new Registry()),
    exemplars,
    now: () => END + 11_000,
  });
  return app.inject(`/api/v1/explain?${query}`);
}

async function explained(t: Parameters<typeof makeServer>[0], query: string): Promise<ExplanationJson> {
  const response = await ask(t, query);
  assert.equal(response.statusCode, 200, response.body);
  return response.json().data[0];
}

const seconds = (timeMs: number) => timeMs / 1000;

test('GET /api/v1/explain takes the present apart', async (t) => {
  const now = await explained(t, 'match[]=m');
  assert.deepEqual([now.start, now.end], [seconds(END - MINUTE), seconds(END)]);
  assert.ok(now.observed.value! > 150 && now.observed.width === 60, JSON.stringify(now.observed));
  const { yhat, parts, yhat_lower, yhat_upper, interval_width } = now.expected!;
  assert.deepEqual(
    parts.map(({ name }) => name),
    ['trend', 'daily'],
  );
  // yhat is rounded as it is published.
  assert.ok(Math.abs(parts[0]!.value! + parts[1]!.value! - yhat!) <= (yhat_upper! - yhat_lower!) / 1024);
  assert.ok(yhat_lower! < yhat! && yhat! < yhat_upper! && interval_width === 0.99);
  assert.equal(now.score_basis, 'published');
  assert.ok(now.anomaly_score! > 1);
  assert.equal(now.alarm!.side, 'above');
  assert.deepEqual(
    [now.alarm!.kind, now.alarm!.reason],
    ['value', 'Its value is unusually far from what is expected.'],
  );
  assert.deepEqual([now.alarm!.is_ongoing, now.last_similar!.is_ongoing, now.alarm!.suppressed], [true, false, false]);
  assert.ok(now.alarm!.start >= seconds(START + 3 * DAY + 80 * MINUTE));
  assert.equal(now.last_similar!.start, seconds(START + 3 * DAY));
  assert.deepEqual([now.peers.series, now.peers.anomalous], [3, 1]);
  assert.deepEqual(now.peers.worst[0]!.metric, { __name__: 'peer', host: 'a' });
  assert.equal(now.peers.worst[0]!.alarm.side, 'below');
  assert.match(
    now.text,
    /^At 2026-01-08T01:29:00.000Z, m was 1\d\d.*: alarm .* In alarm since 2026-01-08T01:2\d:00.000Z, kind value: Its value .* 1 other was in alarm at that time/,
  );
});

test('GET /api/v1/explain takes an alarm to go on in a step that is not scored yet', async (t) => {
  const next = await explained(t, `match[]=m&time=${seconds(END + 5_000)}`);
  assert.equal(next.alarm!.is_ongoing, true);
  assert.equal(next.last_similar!.start, seconds(START + 3 * DAY));
  assert.equal(next.peers.anomalous, 1);
  const later = await explained(t, `match[]=m&time=${seconds(END + 2 * MINUTE)}`);
  assert.equal(later.alarm, null);
});

test('GET /api/v1/explain tells the past by what is known now', async (t) => {
  const then = await explained(t, `match[]=m&time=${seconds(START + 3 * DAY + 5 * MINUTE)}`);
  assert.equal(then.score_basis, 'distance');
  assert.ok(then.anomaly_score! > 1);
  assert.equal(then.alarm!.start, seconds(START + 3 * DAY));
  assert.equal(then.last_similar, null);
  assert.equal(then.peers.anomalous, 0);
  const longAgo = await explained(t, `match[]=m&time=${seconds(START + DAY)}`);
  assert.equal(longAgo.observed.width, 600);
  assert.deepEqual([longAgo.start, longAgo.end], [seconds(START + DAY), seconds(START + DAY + 10 * MINUTE)]);
  assert.ok(Math.abs(longAgo.observed.value! - 100) < 5);
  assert.ok(longAgo.notes.some((note) => note.includes('no longer stored')));
});

test('GET /api/v1/explain finds the alarm that was anywhere in the bucket', async (t) => {
  const then = await explained(t, `match[]=peer{host="b"}&time=${seconds(START + 2 * DAY + 5 * MINUTE)}`);
  assert.equal(then.observed.width, 600);
  assert.equal(then.alarm!.start, seconds(START + 2 * DAY + MINUTE));
});

test('GET /api/v1/explain tells what is to come', async (t) => {
  const future = await explained(t, `match[]=m&time=${seconds(END + 6 * HOUR)}`);
  assert.equal(future.observed.value, null);
  assert.deepEqual([future.anomaly_score, future.score_basis], [null, 'none']);
  assert.ok(Math.abs(future.expected!.yhat! - 119) < 5, JSON.stringify(future.expected));
  assert.match(future.text, /no value; expected: /);
});

const refused: [query: string, status: number, message: RegExp][] = [
  ['', 400, /no match\[\]/],
  ['match[]=nothing', 404, /no tracked series/],
  ['match[]={', 400, /invalid parameter "match\[\]"/],
  ['match[]=m&time=yesterday', 400, /invalid parameter "time"/],
  [`match[]=m&time=${seconds(END + 2 * DAY)}`, 400, /horizon/],
  [`match[]=m&time=${seconds(END - 20 * DAY)}`, 400, /history/],
];
for (const [query, status, message] of refused) {
  test(`GET /api/v1/explain?${query} is refused with ${status}`, async (t) => {
    const response = await ask(t, query);
    assert.equal(response.statusCode, status);
    assert.match(response.json().error, message);
  });
}

test('GET /api/v1/explain says what happened shortly before the alarm, or the step', async (t) => {
  const now = await explained(t, 'match[]=m');
  assert.deepEqual(now.events, [
    {
      marker: 'deploy',
      metric: 'release',
      time: seconds(RELEASED),
      labels: {},
      changes: [{ label: null, from: '7', to: '8' }],
      text: 'release changed from 7 to 8',
      before: now.alarm!.start - seconds(RELEASED),
    },
  ]);
  assert.match(now.text, / The alarm began [23]m after release changed from 7 to 8 \(deploy\)\.$/);
  const quiet = await explained(t, `match[]=m&time=${seconds(RELEASED + 90_000)}`);
  assert.match(quiet.text, / It began 1m after release changed from 7 to 8 \(deploy\)\.$/);
  const before = await explained(t, `match[]=m&time=${seconds(RELEASED - HOUR)}`);
  assert.deepEqual(before.events, []);
});

test('GET /api/v1/explain explains no more than 20 series at once', async (t) => {
  for (let i = 0; i < 20; i++) life.appendTo({ __name__: 'many', i: `${i}` }, END, 1);
  const response = await ask(t, 'match[]={__name__=~"many|m"}');
  assert.equal(response.statusCode, 400);
  assert.match(response.json().error, /21 series: at most 20/);
  const young = await explained(t, 'match[]=many{i="3"}');
  assert.deepEqual([young.state, young.expected, young.anomaly_score], ['learning', undefined, null]);
  assert.match(young.text, /no model yet/);
});

test('GET /api/v1/explain has the traces of the step, or of the alarm that it is part of', async (t) => {
  const keep = (name: string, traceId: string, timeMs: number) => {
    const block = encodeLabelBlock(makeLabels({ __name__: name }));
    const ref = exemplars.find(block, 0, block.length);
    exemplars.append(ref, { labels: [{ name: 'trace_id', value: traceId }], value: 7, timeMs });
  };
  const alarmMs = START + 3 * DAY + 5 * MINUTE;
  keep('m', 'long before', alarmMs - HOUR);
  keep('m', 'in the alarm', alarmMs + MINUTE);
  keep('m', 'in the step', alarmMs + 1);
  const { exemplars: shown, alarm } = await explained(t, `match[]=m&time=${seconds(alarmMs)}`);
  assert.ok(alarm !== null && alarm.end > seconds(alarmMs + MINUTE));
  assert.deepEqual(shown, [
    { labels: { trace_id: 'in the alarm' }, value: 7, time: seconds(alarmMs + MINUTE) },
    { labels: { trace_id: 'in the step' }, value: 7, time: seconds(alarmMs + 1) },
  ]);
  assert.deepEqual((await explained(t, `match[]=m&time=${seconds(alarmMs - 2 * HOUR)}`)).exemplars, []);
});
