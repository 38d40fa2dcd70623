import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compress } from '#src/wire/core/snappy.js';
import { readMetrics } from '../harness/metrics-page.js';
import { startWholeService } from '../harness/whole-service.js';
import { encodeProto } from '../wire/proto.js';

/*
 * One hostile read after another, on every route that reads: costly selectors, nonsense in every parameter, bodies that are
 * deep, wide or empty. Meanwhile `/-/healthy` answers, and afterwards the next good write is stored.
 */

const SERIES = 500;

type Case = readonly [name: string, path: string, status: number, message: RegExp, init?: RequestInit];

const matching = (...selectors: string[]) => selectors.map((each) => `match[]=${encodeURIComponent(each)}`).join('&');
const query = (text: string) => `query=${encodeURIComponent(text)}`;
const form = (body: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body,
});
const json = (body: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body,
});
const preview = (name: string, body: string, status: number, message: RegExp): Case => [
  `a preview ${name}`,
  '/api/v1/preview',
  status,
  message,
  json(body),
];
const exclusion = (name: string, body: string, status: number, message: RegExp): Case => [
  `an exclusion ${name}`,
  '/api/v1/exclusions',
  status,
  message,
  json(body),
];

/** Each of linear time, and of a hundred thousand instructions. */
const COSTLY = Array.from({ length: 16 }, (_, i) => `{id=~"(.*[02468ace]..........){0,${90 - i}}[A-Z]"}`);
const ALL = '{id=~".+"}';
const ONE = '{instance="host-1"}';
const NOW = Math.floor(Date.now() / 1000);
const DEEP = (open: string, middle: string, close: string, depth: number) =>
  open.repeat(depth) + middle + close.repeat(depth);
const numbered = (length: number, text: (i: number) => string, separator: string) =>
  Array.from({ length }, (_, i) => text(i)).join(separator);
const previewOf = (change: string) => `{"match":[${JSON.stringify(ONE)}],"change":${change}}`;

const TOO_LARGE = /the expression is too large/;

const CASES: readonly Case[] = [
  // Costly selectors, on every route that takes some.
  ['series by costly selectors', `/api/v1/series?${matching(...COSTLY)}`, 400, TOO_LARGE],
  ['a forecast by costly selectors', `/api/v1/forecast?${matching(...COSTLY)}`, 400, TOO_LARGE],
  ['an explanation by costly selectors', `/api/v1/explain?${matching(...COSTLY)}`, 400, TOO_LARGE],
  ['alarms by costly selectors', `/api/v1/alarms?${matching(...COSTLY)}`, 400, TOO_LARGE],
  ['incidents by costly selectors', `/api/v1/incidents?${matching(...COSTLY)}`, 400, TOO_LARGE],
  ...['series', 'labels', 'label/id/values'].map(
    (route): Case => [
      `${route} of the query API by costly selectors`,
      `/prometheus/api/v1/${route}?${matching(...COSTLY)}`,
      400,
      TOO_LARGE,
    ],
  ),
  ...['series', 'labels'].map(
    (route): Case => [
      `${route} by a form of costly selectors`,
      `/prometheus/api/v1/${route}`,
      400,
      TOO_LARGE,
      form(matching(...COSTLY, ...COSTLY, ...COSTLY)),
    ],
  ),
  ['a costly query', `/prometheus/api/v1/query?${query(COSTLY[0]!)}`, 400, TOO_LARGE],
  [
    'a query of costly alternatives',
    '/prometheus/api/v1/query',
    400,
    /./,
    form(query(COSTLY.slice(0, 12).join(' or '))),
  ],
  [
    'exemplars of costly alternatives',
    '/prometheus/api/v1/query_exemplars',
    400,
    TOO_LARGE,
    form(query(COSTLY.slice(0, 12).join(' or '))),
  ],
  [
    'a selector of three hundred matchers',
    `/api/v1/series?${matching(`{${numbered(300, (i) => `id!~"${i}.*x"`, ',')}}`)}`,
    400,
    /more than 16 expressions/,
  ],

  // Much.
  ['all series with their sparklines', '/api/v1/series?limit=10000&order=name&sparklines=0-100', 200, /"success"/],
  ['two thousand words', `/api/v1/series?search=${numbered(2000, (i) => `q${i}`, '+')}`, 200, /"success"/],
  [
    'forecasts of many series at many times',
    `/api/v1/forecast?${matching(ALL)}&start=${NOW - 10_900}&end=${NOW + 90}&step=1&components=true`,
    400,
    /./,
  ],
  ['an explanation of many series', `/api/v1/explain?${matching(ALL)}`, 400, /series/],
  ['all series of the query API', `/prometheus/api/v1/series?${matching(ALL)}`, 200, /"success"/],
  ['all values of a label', '/prometheus/api/v1/label/id/values', 200, /"success"/],
  ['all metadata', '/prometheus/api/v1/metadata', 200, /"success"/],
  ['a query of all series', `/prometheus/api/v1/query?${query(ALL)}`, 200, /"success"/],
  [
    'a range of all series',
    `/prometheus/api/v1/query_range?start=${NOW - 10_900}&end=${NOW}&step=1&${query(ALL)}`,
    422,
    /more than 1000000 samples/,
  ],
  [
    'two hundred operators',
    '/prometheus/api/v1/query_range',
    400,
    /./,
    form(`start=${NOW - 10_900}&end=${NOW}&step=1&${query(`{instance=~"host-1.*"}${'+1'.repeat(300)}`)}`),
  ],
  [
    'two hundred operators of scalars',
    '/prometheus/api/v1/query_range',
    200,
    /"success"/,
    form(`start=${NOW - 10_900}&end=${NOW}&step=1&${query(`1${'+1'.repeat(90)}`)}`),
  ],
  ['five thousand comments', '/prometheus/api/v1/query', 200, /"success"/, form(query(`up${'#\n'.repeat(4990)}`))],
  [
    'a form of twenty thousand parameters',
    '/prometheus/api/v1/series',
    400,
    /more than 1000 parameters/,
    form('match[]=up&'.repeat(20_000)),
  ],
  ['a query of 1 MB', '/prometheus/api/v1/query', 400, /too large/, form(`query=${'('.repeat(1_000_000)}`)],
  [
    'a query of brackets',
    '/prometheus/api/v1/query',
    400,
    /nested more than 250 deep/,
    form(`query=${'('.repeat(9_000)}`),
  ],
  [
    'a form of many parameters',
    '/prometheus/api/v1/query',
    400,
    /too large/,
    form(numbered(130_000, (i) => `${i.toString(36)}=`, '&')),
  ],
  [
    'a form of many lists',
    '/prometheus/api/v1/query',
    400,
    /too large/,
    form(numbered(100_000, (i) => `${i.toString(36)}[]=`, '&')),
  ],
  [
    'exemplars of a long sum',
    '/prometheus/api/v1/query_exemplars',
    400,
    /parse error/,
    form(query(`${'a+'.repeat(4990)}a`)),
  ],
  ['an address of many parameters', `/api/v1/series?${'a&'.repeat(7000)}`, 200, /"success"/],
  ['an address of 64 kB', `/api/v1/series?search=${'x'.repeat(65_000)}`, 431, /headers are too large/],

  // Nonsense in parameters.
  ['parameters that come twice', '/api/v1/series?limit=1&limit=2&match[]=&match[]={', 400, /match\[\]/],
  ['lists where there are none', '/api/v1/series?limit[]=1&order[]=x', 200, /"success"/],
  ['names that every object has', '/api/v1/series?__proto__=1&__proto__[]=2&constructor=3', 200, /"success"/],
  ['alarms of a range that is none', '/api/v1/alarms?start=0&end=1e9', 400, /longer than 32 days/],
  [
    'alarms of all times',
    '/api/v1/alarms?start=-99999999999999999&end=99999999999999999999999',
    400,
    /longer than 32 days/,
  ],
  ['an explanation of the end of time', `/api/v1/explain?${matching(ONE)}&time=99999999999999999999`, 400, /beyond/],
  [
    'a forecast of all times',
    `/api/v1/forecast?${matching(ONE)}&start=-8640000000000&end=8640000000000&step=100y`,
    200,
    /"success"/,
  ],
  [
    'a step of nothing',
    `/api/v1/forecast?${matching(ONE)}&start=${NOW}&end=${NOW + 1}&step=0.0000001`,
    400,
    /more than 11000 points/,
  ],
  [
    'a query at the ends of time',
    `/prometheus/api/v1/query_range?start=-8640000000000&end=8640000000000&step=100y&${query(`${ONE} @ 9e12 offset 100y`)}`,
    200,
    /"success"/,
  ],
  ['a query at no time', `/prometheus/api/v1/query?${query('up')}&time=8e999`, 400, /timestamp/],
  [
    'a range in steps of nothing',
    `/prometheus/api/v1/query_range?start=${NOW}&end=${NOW + 1}&step=0.0000001&${query('up')}`,
    200,
    /"success"/,
  ],
  [
    'an offset of more years than there were',
    `/prometheus/api/v1/query?${query(`${ONE} offset 999999999999999999y`)}`,
    400,
    /duration out of range/,
  ],
  [
    'an offset of more seconds than there were',
    `/prometheus/api/v1/query?${query(`${ONE} offset 1e300`)}`,
    400,
    /duration out of range/,
  ],
  [
    'a time of more seconds than there are',
    `/prometheus/api/v1/query?${query(`${ONE} @ 1e300`)}`,
    400,
    /timestamp out of bounds/,
  ],
  [
    'a lookback of more than there was',
    `/prometheus/api/v1/query?${query(ONE)}&lookback_delta=999999999y`,
    400,
    /lookback_delta/,
  ],
  ['a label of no code point', '/prometheus/api/v1/label/U__ffffff_/values', 200, /"success"/],
  ['a label of half a code point', '/prometheus/api/v1/label/U__d800_/values', 200, /"success"/],
  ['a label of nothing', '/prometheus/api/v1/label/%00/values', 200, /"success"/],
  ['a label that is not UTF-8', '/prometheus/api/v1/label/%ff/values', 400, /not a valid url component/],
  ['an incident of a long id', `/api/v1/incidents/${'x'.repeat(5000)}`, 404, /no incident has this id/],
  ['an incident that every object has', '/api/v1/incidents/__proto__', 404, /no incident has this id/],
  ['the last of a million incidents', '/api/v1/incidents?offset=1e6&limit=1000', 200, /"success"/],
  ['an exclusion that every object has', '/api/v1/exclusions/__proto__', 404, /no exclusion/, { method: 'DELETE' }],
  ['a file beside the page', '/..%2f..%2fpackage.json', 404, /does not exist/],
  ['a file of no name', '/%00', 404, /does not exist/],

  // Bodies.
  preview(
    'of costly selectors',
    JSON.stringify({ match: COSTLY, change: { anomaly: { min_deviation: 5 } } }),
    400,
    TOO_LARGE,
  ),
  preview('that is deep', previewOf(DEEP('{"a":', '1', '}', 10_000)), 400, /./),
  preview('that is deep in lists', previewOf(`{"anomaly":${DEEP('[', '', ']', 30_000)}}`), 400, /./),
  preview('of a prototype', previewOf('{"__proto__":{"a":1}}'), 400, /not valid JSON/),
  preview(
    'of a constructor',
    previewOf('{"constructor":{"prototype":1},"toString":1,"hasOwnProperty":2}'),
    400,
    /not valid JSON/,
  ),
  preview(
    'of deep days',
    `{"match":["up"],"change":{"a":1},"days":${DEEP('[', '', ']', 20_000)}}`,
    400,
    /nested more than 10 deep/,
  ),
  preview('of 5 MB', '['.repeat(5e6), 400, /too large/),
  preview('of null', 'null', 400, /must be a JSON object/),
  preview('of 6,000 keys', previewOf(`{${numbered(6000, (i) => `"k${i}":1`, ',')}}`), 400, /./),
  preview('of nothing', ' ', 400, /not valid JSON/),
  preview('of infinite numbers', previewOf('{"step":1e308,"history":-1}'), 400, /./),
  exclusion('of costly selectors', JSON.stringify({ match: COSTLY, kind: 'incident', end: NOW }), 400, TOO_LARGE),
  exclusion('of a prototype', '{"__proto__":{"kind":"incident"},"match":"up","end":1}', 400, /not valid JSON/),
  exclusion('that is deep', DEEP('[', '', ']', 30_000), 400, /./),
  exclusion('of a deep selector', `{"match":${DEEP('[', '', ']', 20_000)},"kind":"incident","end":1}`, 400, /match/),
  exclusion('that ends in no year', `{"match":"up","kind":"incident","end":1e300}`, 400, /./),
  exclusion(
    'of the end of time',
    `{"match":"up","kind":"incident","start":"-271821-04-20T00:00:00Z","end":8.64e12}`,
    400,
    /./,
  ),
  exclusion('of a kind that every object has', `{"match":"up","kind":"constructor","end":${NOW + 60}}`, 400, /kind/),
];

test('a hostile read of each kind is answered, keeps nobody out, and the next good write is stored', async (t) => {
  const { url } = await startWholeService(t, 'receiver: {request_timeout: 4s}\ndefaults: {step: 10s, history: 1d}');
  const write = (timeseries: object[]) =>
    fetch(`${url}/api/v1/write`, {
      method: 'POST',
      body: compress(encodeProto('prometheus.WriteRequest', { timeseries })),
    });
  const series = (name: string, i: number, timestamp: number) => ({
    labels: [
      { name: '__name__', value: name },
      // What costly selectors would be tried on.
      { name: 'id', value: `${i}`.padStart(150, 'ab') },
      { name: 'instance', value: `host-${i}` },
    ],
    samples: [{ value: i, timestamp }],
  });
  const stored = async () => (await readMetrics(url)).sum('sentio_receiver_samples_total', { outcome: 'stored' }) ?? 0;
  for (let scrape = 5; scrape > 0; scrape--) {
    const timestamp = Date.now() - scrape * 10_000;
    const answer = await write(Array.from({ length: SERIES }, (_, i) => series('bytes', i, timestamp)));
    assert.equal(answer.status, 204, await answer.text());
  }
  for (const [i, [name, path, status, message, init]] of CASES.entries()) {
    await t.test(name, async () => {
      const answered = fetch(url + path, init).then(async (answer) => ({
        status: answer.status,
        body: await answer.text(),
      }));
      assert.equal((await fetch(`${url}/-/healthy`)).status, 200);
      const answer = await answered;
      assert.equal(answer.status, status, answer.body.slice(0, 500));
      assert.match(answer.body, message);

      const before = await stored();
      assert.equal((await write([series('good', i, Date.now())])).status, 204);
      assert.equal((await stored()) - before, 1);
    });
  }
  assert.equal(({} as { kind?: unknown }).kind, undefined, 'no prototype was changed');
});
