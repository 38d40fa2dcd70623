import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DAY, HOUR, MINUTE } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { queryRange, queryValue } from '../harness/promql.js';
import { type SeriesPoints, sendSeries } from '../harness/remote-write.js';
import { type Sentio, startSentio } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';

const skip = skipUnlessInstalled('prometheus');
const MINUTES = 100;

/** One value a minute; undefined where nothing came. */
const SOURCES: [labels: Record<string, string>, valueAt: (minute: number) => number | undefined][] = [
  [{ __name__: 'price', item: 'apple', shop: 'a' }, (i) => 3 + Math.sin(i / 10)],
  [{ __name__: 'price', item: 'pear', shop: 'a' }, (i) => (i > 40 && i < 62 ? undefined : -2 - i / 7)],
  [{ __name__: 'price', item: 'größe "L"\\', shop: 'b' }, (i) => i * 1e-9],
  [{ __name__: 'stock', item: 'apple', shop: 'a' }, (i) => (i % 9 === 0 ? undefined : i * 3e19)],
  [{ __name__: 'empty', shop: 'b' }, () => 0],
];

/** Expressions that both are asked, over times and ranges of several kinds. */
const EXPRESSIONS = [
  '1+1',
  '"text"',
  '-2 ^ 2',
  '2 * -3',
  '7 % -3 + 0x1F',
  'Inf',
  '1 / 0 > bool 3',
  'price',
  'price{shop="a"}',
  'price{shop!="a"}',
  'price{item=~"apple|pear"}',
  'price{item!~"a.*"}',
  'price{missing=""}',
  '{__name__=~"pri(ce|de)", item="apple"}',
  'price offset 7m',
  'price{item="pear"} offset -3m',
  'price @ end()',
  'price @ start() offset 1m',
  'stock',
  'nothing_of_this_name',
  'price * 100',
  '100 - price',
  '-price',
  'price > 2.5',
  '2.5 < price',
  'price > bool 2.5',
  'price == 3',
  'price != bool 3',
  'price % 2',
  'price ^ 2 / 3',
  'empty / 0',
  '1 / empty',
  '{shop="a", item="apple", __name__=~"price|stock"}',
  '{shop="a", item="apple", __name__=~"price|stock"} * 2',
  // Mistakes.
  '',
  'price{',
  'price{}{}',
  '{}',
  'price{item=~"("}',
  '1 == 1',
  'price + bool 1',
  '"a" + 1',
  'price offset 1m offset 1m',
  '1 offset 5m',
];

interface Answer {
  readonly code: number;
  readonly body: {
    status: string;
    errorType?: string;
    error?: string;
    data?: { result?: unknown; resultType?: string };
  };
}

describe('a data source that asks Sentio as if it were Prometheus', { skip, timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  const endMs = Math.floor(Date.now() / MINUTE) * MINUTE - 2 * MINUTE;
  let sentio: Sentio;
  let prometheus: Prometheus;
  let base: string;

  before(async () => {
    sentio = await startSentio(cleanup, {
      rules: [
        { name: 'all', match: ['{__name__=~".+"}'], step: '1m', history: '3d', horizon: '1d', aggregate: 'mean' },
      ],
    });
    base = `${sentio.url}/prometheus`;
    prometheus = await startPrometheus(cleanup);
    // A step's value is stamped at its end, so what Sentio gets in the middle of a minute Prometheus gets at its end.
    const series = (shiftMs: number, minutes: number): SeriesPoints[] =>
      SOURCES.map(([labels, valueAt]) => ({
        labels,
        points: Array.from({ length: minutes }, (_, i) => i).flatMap((i) => {
          const value = valueAt(i);
          return value === undefined ? [] : [{ timeMs: endMs - (MINUTES - i) * MINUTE + shiftMs, value }];
        }),
      }));
    await sendSeries(sentio.writeUrl, series(-MINUTE / 2, MINUTES + 1));
    await sendSeries(`${prometheus.url}/api/v1/write`, series(0, MINUTES));
    await eventually('all series are fitted', async () => {
      const { data } = (await getJson(`${sentio.url}/api/v1/series`)) as { data: { fit?: object }[] };
      return data.length === SOURCES.length && data.every(({ fit }) => fit !== undefined);
    });
  });
  after(() => cleanup.run());

  const ask = async (root: string, path: string, params: [string, string][], method = 'GET'): Promise<Answer> => {
    const form = new URLSearchParams(params);
    const response = await fetch(`${root}/api/v1/${path}${method === 'GET' ? `?${form}` : ''}`, {
      method,
      ...(method === 'POST' && { body: form }),
      signal: AbortSignal.timeout(10_000),
    });
    return { code: response.status, body: (await response.json()) as Answer['body'] };
  };

  /** What both have to say alike: the words of a mistake are everybody's own. */
  const comparable = ({ code, body }: Answer) => {
    const { status, errorType, data } = body;
    const result =
      data?.resultType === 'vector' ? (data.result as object[]).map((one) => JSON.stringify(one)).sort() : data;
    return { code, status, errorType, result };
  };

  const compare = async (path: string, params: [string, string][], method = 'GET') => {
    const [ours, theirs] = await Promise.all([
      ask(base, path, params, method),
      ask(prometheus.url, path, params, method),
    ]);
    assert.deepEqual(comparable(ours), comparable(theirs), `${method} ${path} ${JSON.stringify(params)}`);
    return ours;
  };

  for (const expression of EXPRESSIONS) {
    it(`answers ${expression === '' ? 'an empty query' : expression} as Prometheus does`, async () => {
      const seconds = (timeMs: number) => String(timeMs / 1000);
      const at = endMs - 20 * MINUTE;
      for (const timeMs of [at + 7_250, at + 40 * MINUTE + 3_500, at - 20 * MINUTE - 1_000, at - DAY]) {
        await compare('query', [
          ['query', expression],
          ['time', seconds(timeMs)],
        ]);
      }
      for (const [startMs, stepText] of [
        [endMs - HOUR + 1_000, '60'],
        [endMs - 2 * HOUR + 17_250, '4m'],
        [endMs - 30 * MINUTE + 11_500, '7.5'],
      ] as const) {
        const range: [string, string][] = [
          ['query', expression],
          ['start', seconds(startMs)],
          ['end', seconds(endMs + 9 * MINUTE)],
          ['step', stepText],
        ];
        await compare('query_range', range);
        await compare('query_range', range, 'POST');
      }
    });
  }

  it('refuses wrong parameters as Prometheus does', async () => {
    const cases: [path: string, params: [string, string][]][] = [
      ['query', []],
      [
        'query',
        [
          ['query', '1'],
          ['time', 'yesterday'],
        ],
      ],
      [
        'query',
        [
          ['query', '1'],
          ['timeout', 'soon'],
        ],
      ],
      ['query_range', [['query', '1']]],
      [
        'query_range',
        [
          ['query', '1'],
          ['start', '10'],
          ['end', '5'],
          ['step', '1'],
        ],
      ],
      [
        'query_range',
        [
          ['query', '1'],
          ['start', '5'],
          ['end', '10'],
          ['step', '0'],
        ],
      ],
      [
        'query_range',
        [
          ['query', '1'],
          ['start', '5'],
          ['end', '10'],
          ['step', '-1'],
        ],
      ],
      [
        'query_range',
        [
          ['query', '1'],
          ['start', '5'],
          ['end', '10'],
          ['step', 'x'],
        ],
      ],
      [
        'query_range',
        [
          ['query', '1'],
          ['start', '0'],
          ['end', '11001'],
          ['step', '1'],
        ],
      ],
      [
        'query_range',
        [
          ['query', '1'],
          ['start', '0'],
          ['end', '11000'],
          ['step', '1'],
        ],
      ],
      [
        'query_range',
        [
          ['query', '"a"'],
          ['start', '0'],
          ['end', '10'],
          ['step', '1'],
        ],
      ],
      ['series', []],
      ['series', [['match[]', 'price{']]],
      ['series', [['match[]', '{}']]],
      ['labels', [['match[]', 'price[5m]']]],
    ];
    for (const [path, params] of cases) await compare(path, params);
  });

  it('reads times, steps and durations as Prometheus does', async () => {
    const at = new Date(endMs - 20 * MINUTE).toISOString();
    const seconds = (endMs - 20 * MINUTE) / 1000;
    const times = [
      String(seconds),
      `${seconds}.25`,
      `${seconds}.`,
      `+${seconds}`,
      `${(seconds / 1e9).toFixed(9)}e9`,
      at,
      at.replace(/\.\d+Z/, 'Z'),
      at.replace('Z', '+00:00'),
      at.replace('Z', '-01:30'),
      at.replace('Z', ''),
      at.replace('Z', 'z'),
      at.replace('T', ' '),
      at.slice(0, 10),
      at.slice(0, 16),
      'Sat, 28 Nov 2026 18:00:00 GMT',
      '-5',
      '0x10',
      '1h',
      ' 5',
    ];
    for (const time of times) {
      await compare('query', [
        ['query', 'price'],
        ['time', time],
      ]);
    }
    const steps = [
      '60',
      '60.5',
      '6e1',
      '1m',
      '1m30s',
      '1h30m',
      '1d',
      '1w',
      '1y',
      '500ms',
      '90s1m',
      '1.5m',
      '0x10',
      '+60',
      '-1m',
      '0s',
      '1M',
      'm',
      '',
      'NaN',
      'Inf',
      '1e300',
      ' 60',
    ];
    for (const step of steps) {
      await compare('query_range', [
        ['query', 'price'],
        ['start', at],
        ['end', String(seconds + 600)],
        ['step', step],
      ]);
    }
    for (const timeout of ['5', '5s', '1.5', '1m30s', '0', '-1', 'x', '1e1']) {
      await compare('query', [
        ['query', 'price'],
        ['time', String(seconds)],
        ['timeout', timeout],
      ]);
    }
    // Newer ones take bare seconds and nothing at all too.
    const offsets = ['5m', '-5m', '1h30m', '1d', '90s', '1.5m', '1h30', '1m1h', '1M', '- 5m', '5m offset 1m'];
    for (const offset of offsets.map((text) => `price offset ${text}`)) {
      await compare('query', [
        ['query', offset],
        ['time', String(seconds)],
      ]);
    }
    const fixed = [seconds, `${seconds}.5`, '-1', 'start()', 'end()', 'START()', '1e9', 'Inf', 'NaN', '0x5', '"a"'];
    for (const modified of fixed.flatMap((text) => [
      `price @ ${text}`,
      `price offset 1m @ ${text}`,
      `price{} @ ${text} offset -2m`,
    ])) {
      await compare('query', [
        ['query', modified],
        ['time', String(seconds)],
      ]);
    }
  });

  it('lists series, labels and values as Prometheus does', async () => {
    const window: [string, string][] = [
      ['start', String((endMs - HOUR) / 1000)],
      ['end', String(endMs / 1000)],
    ];
    const names = '{__name__=~"price|stock|empty"}';
    for (const [path, params] of [
      ['series', [['match[]', names]]],
      [
        'series',
        [
          ['match[]', 'price{shop="a"}'],
          ['match[]', 'stock'],
        ],
      ],
      ['labels', [['match[]', names]]],
      ['label/shop/values', [['match[]', names]]],
      ['label/item/values', [['match[]', 'price']]],
      ['label/__name__/values', [['match[]', names]]],
      ['label/nothing/values', [['match[]', names]]],
    ] as [string, [string, string][]][]) {
      const { body } = await compare(path, [...window, ...params]);
      assert.equal(body.status, 'success');
    }
  });

  it('serves the forecast, past and future, to the instant and no further than the horizon', async () => {
    const startMs = endMs - HOUR + 1_250;
    const range = { startMs, endMs: startMs + 26 * HOUR, stepMs: 10 * MINUTE };
    const [yhat, ...others] = await queryRange(base, 'price_yhat{sentio="forecast", item="apple"}', range);
    assert.equal(others.length, 0);
    assert.deepEqual(
      yhat!.points.slice(0, 3).map(({ timeMs }) => timeMs),
      [0, 1, 2].map((i) => startMs + i * range.stepMs),
    );
    const newest = yhat!.points.at(-1)!.timeMs;
    assert.ok(newest > Date.now() + DAY - HOUR && newest <= Date.now() + DAY, new Date(newest).toISOString());
    const ahead = await queryValue(base, 'price_yhat{sentio="forecast", item="apple"} offset -3h', startMs + 9 * HOUR);
    const there = yhat!.points.find(({ timeMs }) => timeMs === startMs + 12 * HOUR)!;
    assert.ok(Math.abs(ahead! - there.value) < 1e-9 * Math.abs(there.value), `${ahead} and ${there.value}`);
  });

  it("passes Grafana's health check and answers what it asks beside", async () => {
    const health = await ask(
      base,
      'query',
      [
        ['query', '1+1'],
        ['time', '4'],
      ],
      'POST',
    );
    assert.deepEqual(health, {
      code: 200,
      body: { status: 'success', data: { resultType: 'scalar', result: [4, '2'] } },
    });
    assert.equal((await ask(base, 'status/buildinfo', [])).body.status, 'success');
    const { data } = (await ask(base, 'metadata', [['metric', 'price_yhat']])).body;
    assert.deepEqual(data, { price_yhat: [{ type: 'gauge', help: '', unit: '' }] });
    assert.deepEqual((await ask(base, 'query_exemplars', [['query', 'price']])).body, { status: 'success', data: [] });
    const { error } = (await ask(base, 'query', [['query', 'rate(price[5m])']])).body;
    assert.match(
      error!,
      /the function rate\(\) is not evaluated here: ask Prometheus for this, Sentio serves selectors/,
    );
  });

  it('cuts an answer at its limit and says so', async () => {
    const { body } = await ask(base, 'query', [
      ['query', 'price'],
      ['time', String(endMs / 1000)],
      ['limit', '2'],
    ]);
    assert.equal((body.data!.result as unknown[]).length, 2);
    assert.deepEqual((body as { warnings?: string[] }).warnings, ['results truncated due to limit']);
  });

  it('says that it collects no stats of queries', async () => {
    const { body } = await ask(base, 'query', [
      ['query', 'price'],
      ['stats', 'all'],
    ]);
    assert.deepEqual((body as { infos?: string[] }).infos, ['Sentio collects no stats of queries']);
  });
});
