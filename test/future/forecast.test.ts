import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ForecastFlags, forecast } from '#src/future/forecast.js';
import { START_SECONDS, STEP_SECONDS, wave, writeSeries } from '../backtest/wave.js';
import { DAY, MINUTE } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { sendSeries } from '../harness/remote-write.js';

/** Prophet's own examples, and R Prophet's forecasts of them. */
const REFERENCE = resolve(import.meta.dirname, '../../test/forecast/prophet-r/reference');
const folder = mkdtempSync(join(tmpdir(), 'sentio-forecast-'));
after(() => rmSync(folder, { recursive: true }));

async function run(flags: ForecastFlags) {
  let [stdout, stderr] = ['', ''];
  const code = await forecast(flags, {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

/** Rows of a CSV text by the day of their `ds`. */
function byDay(text: string): Map<string, Record<string, number>> {
  const [header, ...lines] = text.trim().split('\n');
  const names = header!.split(',');
  return new Map(
    lines.map((line) => {
      const cells = line.split(',');
      return [cells[0]!.slice(0, 10), Object.fromEntries(names.map((name, i) => [name, Number(cells[i])]))];
    }),
  );
}

describe('sentio forecast of a file', () => {
  writeSeries(folder, 'load', 6, wave);
  const source = join(folder, 'load.csv');

  it('prints the future with its interval and components, which add up', async () => {
    const { code, stdout, stderr } = await run({ source, horizon: '1d' });
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.trim().split('\n');
    assert.equal(lines[0], 'ds,yhat,yhat_lower,yhat_upper,trend,daily');
    assert.equal(lines.length, 1 + 86_400 / STEP_SECONDS);
    const [ds, ...numbers] = lines[1]!.split(',');
    assert.equal(ds, new Date((START_SECONDS + 6 * 86_400) * 1000).toISOString().replace('.000Z', 'Z'));
    const [yhat, lower, upper, trend, daily] = numbers.map(Number) as [number, number, number, number, number];
    assert.ok(lower < yhat && yhat < upper, lines[1]);
    assert.ok(Math.abs(trend + daily - yhat) < 1e-9, lines[1]);
    assert.ok(Math.abs(yhat - wave(0, 0)) < 5, lines[1]);
  });

  it('says that a file has no cap that another series has, and goes on without', async () => {
    const configFile = join(folder, 'cap.yml');
    writeFileSync(
      configFile,
      'rules: [{name: loads, match: [load], prophet: {growth: logistic, cap: {series: most, on: []}}}]',
    );
    const { code, stderr } = await run({ source, horizon: '1h', configFile });
    assert.deepEqual(
      [code, stderr],
      [0, 'rule loads takes prophet.cap or floor from another series, which a file has not: growth is linear\n'],
    );
  });

  it('prints the same as JSON, and what the model says of the past where that is wanted', async () => {
    const csv = await run({ source, horizon: '2h' });
    const json = await run({ source, horizon: '2h', json: true });
    const [series] = JSON.parse(json.stdout);
    assert.equal(series.series, 'load');
    assert.equal(series.step_seconds, STEP_SECONDS);
    assert.equal(series.yhat[0], Number(csv.stdout.split('\n')[1]!.split(',')[1]));
    const { stdout } = await run({ source, horizon: '2h', includeHistory: true });
    assert.equal(stdout.trim().split('\n').length, 1 + 6 * 96 + 8);
  });

  it('gives the numbers of Prophet where the settings are those of Prophet', async () => {
    const configFile = join(folder, 'prophet.yml');
    writeFileSync(
      configFile,
      `rules: [{name: prophet, match: ['{__name__=~".+"}'], interval: prophet, prophet: {interval_width: 0.8, outliers: learn}}]`,
    );
    const { stdout } = await run({ source: join(REFERENCE, 'data.csv'), horizon: '30d', configFile });
    const ours = byDay(stdout);
    const reference = byDay(readFileSync(join(REFERENCE, 'tests_data.forecast.csv'), 'utf8'));
    // On working days alone: of others the data have nothing, so that any model may say anything.
    const days = [...ours.keys()].filter((day) => new Date(day).getUTCDay() % 6 !== 0);
    assert.equal(days.length, 20);
    for (const day of days) {
      for (const [column, tolerance] of [
        ['yhat', 0.01],
        // Prophet simulates it.
        ['yhat_lower', 0.02],
        ['yhat_upper', 0.02],
      ] as const) {
        const [got, want] = [ours.get(day)![column]!, reference.get(day)![column]!];
        assert.ok(Math.abs(got / want - 1) < tolerance, `${day} ${column}: ${got}, R Prophet's is ${want}`);
      }
    }
  });

  it('draws history, forecast and components', async () => {
    for (const picture of ['out.svg', 'out.html'].map((name) => join(folder, name))) {
      const { code, stderr } = await run({ source, horizon: '1d', picture });
      assert.deepEqual([code, stderr], [0, `picture: ${picture}\n`]);
      const text = readFileSync(picture, 'utf8');
      assert.deepEqual(
        [...text.matchAll(/class="title"[^>]*>(\w+)</g)].map(([, title]) => title),
        ['load', 'trend', 'daily'],
      );
      assert.equal([...text.matchAll(/class="(interval|value)" d="M/g)].length, 2);
      assert.doesNotMatch(text, /NaN|<script|\b(src|href)="/);
    }
  });

  it('follows the local clock of the rule through a change of it', async () => {
    const [source, configFile] = ['office.csv', 'office.yml'].map((name) => join(folder, name)) as [string, string];
    // Europe/Berlin is two hours ahead of UTC until 25 October, one hour from then on.
    const hours = Array.from({ length: 14 * 24 }, (_, i) => Date.UTC(2026, 9, 11) + i * 3_600_000);
    const rows = hours.map((timeMs) => {
      const hour = (new Date(timeMs).getUTCHours() + 2) % 24;
      return `${timeMs / 1000},${100 * Math.exp(-(((hour - 9) / 2) ** 2))}`;
    });
    writeFileSync(source, ['unix_seconds,value', ...rows].join('\n'));
    writeFileSync(configFile, 'rules: [{name: all, match: [office], step: 1h, timezone: Europe/Berlin}]');
    const { stdout, stderr } = await run({ source, configFile, horizon: '2d' });
    assert.equal(stderr, '');
    const monday = stdout.split('\n').filter((line) => line.startsWith('2026-10-26'));
    const highest = monday.toSorted((a, b) => Number(b.split(',')[1]) - Number(a.split(',')[1]))[0]!;
    assert.equal(highest.slice(0, 16), '2026-10-26T08:00');
  });

  it('does not learn from days that the rule ignores', async () => {
    const [configFile] = ['ignored.yml'].map((name) => join(folder, name)) as [string];
    const day = new Date((START_SECONDS + 3 * 86_400) * 1000).toISOString().slice(0, 10);
    writeFileSync(
      configFile,
      `calendars: [{name: odd, days: [{name: stocktaking, date: ${day}}]}]
rules: [{name: all, match: ['{__name__=~"plain|odd"}'], special_days: [{calendar: odd, ignore: true}]}]`,
    );
    const isOdd = (seconds: number) => new Date(seconds * 1000).toISOString().startsWith(day);
    const rows = (value: (seconds: number) => number) =>
      Array.from({ length: 6 * 96 }, (_, i) => START_SECONDS + i * STEP_SECONDS).map((at) => `${at},${value(at)}`);
    const shape = (seconds: number) => 50 + 10 * Math.sin((2 * Math.PI * seconds) / 86_400);
    const predictions = [];
    for (const [name, value] of [
      ['plain', shape],
      ['odd', (seconds: number) => (isOdd(seconds) ? 5000 : shape(seconds))],
    ] as const) {
      const source = join(folder, `${name}.csv`);
      writeFileSync(source, ['unix_seconds,value', ...rows(value)].join('\n'));
      predictions.push((await run({ source, configFile, horizon: '1d' })).stdout);
    }
    assert.ok(predictions[0]!.includes('yhat'), predictions[0]);
    assert.equal(predictions[1], predictions[0]);
  });

  for (const [name, flags, wanted] of [
    ['no such file', { source: '/nowhere.csv' }, /^Cannot read \/nowhere\.csv: ENOENT/],
    [
      'a URL alone',
      { source: 'http://localhost:9090' },
      /^Say what to forecast of http:\/\/localhost:9090: a selector/,
    ],
    ['a horizon that is none', { source, horizon: '7' }, /^--horizon 7: must be a duration such as 30s, 1h30m or 7d/],
    [
      'a horizon within a step',
      { source, horizon: '1m' },
      /^Cannot forecast load: the horizon is shorter than its step/,
    ],
    [
      'a horizon beyond all',
      { source, horizon: '90d', step: '1s' },
      /7776000 steps are more than 100000; take a longer/,
    ],
    ['another picture', { source, picture: 'a.png' }, /^--picture must be a file that ends in \.svg or \.html/],
    ['nobody there', { source: '127.0.0.1:1', selector: 'up' }, /ECONNREFUSED.*Nothing listens there/],
  ] as const satisfies [string, ForecastFlags, RegExp][]) {
    it(`refuses ${name} in a sentence`, async () => {
      const { code, stdout, stderr } = await run(flags);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, wanted);
    });
  }
});

describe('sentio forecast of a Prometheus', { skip: skipUnlessInstalled('prometheus'), timeout: 60_000 }, () => {
  const cleanup = new Cleanup();
  const STEP = 5 * MINUTE;
  const endMs = Math.floor(Date.now() / STEP) * STEP;
  let prometheus: Prometheus;
  before(async () => {
    prometheus = await startPrometheus(cleanup);
    const times = Array.from({ length: (4 * DAY) / STEP }, (_, i) => endMs - 4 * DAY + (i + 1) * STEP);
    const value = (timeMs: number) => 100 + 30 * Math.sin((2 * Math.PI * timeMs) / DAY);
    await sendSeries(`${prometheus.url}/api/v1/write`, [
      { labels: { __name__: 'load', host: 'a' }, points: times.map((timeMs) => ({ timeMs, value: value(timeMs) })) },
      { labels: { __name__: 'load', host: 'b' }, points: times.map((timeMs) => ({ timeMs, value: 7 })) },
      ...['hits_total', 'wait_seconds_count', 'hits'].map((name) => ({
        labels: { __name__: name },
        points: times.map((timeMs, i) => ({ timeMs, value: 3000 * i })),
      })),
    ]);
  });
  after(() => cleanup.run());

  it('prints series by name, the rate of a counter, and an expression', async () => {
    const both = await run({ source: prometheus.url, selector: 'load', step: '5m', horizon: '10m' });
    assert.equal(both.code, 0, both.stderr);
    const lines = both.stdout.trim().split('\n');
    assert.equal(lines[0], 'series,ds,yhat,yhat_lower,yhat_upper,trend,daily');
    assert.deepEqual(
      lines.slice(1).map((line) => line.slice(0, line.indexOf('}') + 2)),
      ['a', 'a', 'b', 'b'].map((host) => `"load{host=""${host}""}"`),
    );
    const configFile = join(folder, 'rates.yml');
    writeFileSync(
      configFile,
      'rules: [{name: own, match: [hits], aggregate: rate}, {name: all, match: [\'{__name__=~".+"}\']}]',
    );
    const first = async (selector: string) => {
      const flags = { source: prometheus.url, selector, configFile };
      const { stdout, stderr } = await run({ ...flags, step: '5m', horizon: '5m', json: true });
      assert.equal(stderr, '');
      return JSON.parse(stdout)[0].yhat[0] as number;
    };
    for (const counter of ['hits_total', 'wait_seconds_count', 'hits']) {
      const rate = await first(counter);
      assert.ok(Math.abs(rate - 10) < 0.1, `${counter}: a rate of ${rate}`);
    }
    const sum = await first('sum(load)');
    assert.ok(Math.abs(sum - 107) < 40, `a sum of ${sum}`);
  });
});
