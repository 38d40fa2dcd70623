import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DAY, MINUTE } from '../fixtures.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { startPrometheus } from '../harness/prometheus.js';
import { sendSeries } from '../harness/remote-write.js';
import { startCommand } from '../harness/sentio.js';
import { startVictoriaMetrics } from '../harness/victoria-metrics.js';
import { HANG_MS } from '../harness/wait.js';
import { openPage, skipWithoutChromium, startBrowser } from '../ui/browser.js';

const STEP = 5 * MINUTE;
const endMs = Math.floor(Date.now() / STEP) * STEP;
/** What is judged is the last day; half an hour of it is bad. */
const startMs = endMs - DAY;
const INCIDENT = [endMs - DAY / 2, endMs - DAY / 2 + 30 * MINUTE] as const;

/** VictoriaMetrics keeps decimals, and some 15 digits of them; of these values it keeps all. */
const rounded = (value: number) => Number(value.toFixed(3));
/** The same in every run, whatever the time: else one in eight has an alarm of its noise alone. */
const noise = (timeMs: number) => {
  const steps = (timeMs - endMs) / STEP;
  return Math.sin(steps * 12.9898) + Math.cos(steps * 78.233);
};
const load = (timeMs: number) =>
  rounded(100 + 30 * Math.sin((2 * Math.PI * (timeMs - endMs)) / DAY) + 2 * noise(timeMs));
const isBad = (timeMs: number) => timeMs >= INCIDENT[0] && timeMs < INCIDENT[1];

/** Four days, a sample every five minutes; a counter that grows by ten a second, and in the half hour not at all. */
function series() {
  const times = Array.from({ length: (4 * DAY) / STEP }, (_, i) => endMs - 4 * DAY + i * STEP);
  let total = 0;
  const counted = times.map((timeMs) => {
    total += (isBad(timeMs) ? 0 : 10 + noise(timeMs)) * (STEP / 1000);
    return { timeMs, value: rounded(total) };
  });
  const points = times.map((timeMs) => ({ timeMs, value: isBad(timeMs) ? 400 : load(timeMs) }));
  return [
    { labels: { __name__: 'load', host: 'a' }, points },
    { labels: { __name__: 'load', host: 'b "new"/1' }, points: points.map((p) => ({ ...p, value: load(p.timeMs) })) },
    { labels: { __name__: 'requests_total', host: 'a' }, points: counted },
    { labels: { __name__: 'load_yhat', host: 'a' }, points },
    { labels: { __name__: 'other', host: 'c' }, points },
  ];
}

interface Answer {
  readonly series: {
    readonly series: string;
    readonly alarms: number;
    readonly coverage: number;
    readonly anomalies: readonly { start: string; value: number; yhat: number }[];
  }[];
}

const skip = skipUnlessInstalled('prometheus', 'victoria-metrics');

describe('sentio backtest of a live range', { skip, timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  const databases: Record<string, string> = {};
  let folder: string;
  let configFile: string;
  before(async () => {
    const [prometheus, victoria] = await Promise.all([startPrometheus(cleanup), startVictoriaMetrics(cleanup)]);
    databases.Prometheus = prometheus.url;
    databases.VictoriaMetrics = victoria.url;
    for (const url of Object.values(databases)) await sendSeries(`${url}/api/v1/write`, series());
    folder = await temporaryFolder(cleanup);
    configFile = join(folder, 'sentio.yml');
    await writeFile(configFile, 'rules: [{name: all, match: [load, requests_total], step: 5m, refit_interval: 3h}]');
  });
  after(() => cleanup.run());

  async function backtest(...args: string[]) {
    const command = startCommand(cleanup, ['backtest', ...args]);
    const { code } = await command.exited;
    return { code, stdout: command.stdout.join('\n'), stderr: command.stderr.join('\n') };
  }

  const range = (url: string, ...selectors: string[]) => [
    ...['--prometheus', url, '--config.file', configFile],
    ...['--start', new Date(startMs).toISOString(), '--end', String(endMs / 1000)],
    ...['--match', ...selectors],
  ];

  it('finds the incident, and nothing before the start, in either database', async () => {
    const answers = [];
    for (const url of Object.values(databases)) {
      const { code, stdout, stderr } = await backtest('--json', ...range(url, '{host=~"a|b.*|c"}'));
      assert.deepEqual(
        [code, stderr.split('\n')],
        [0, ['skipped 1 series that Sentio published', 'skipped 1 series that no rule matches']],
      );
      answers.push(JSON.parse(stdout) as Answer);
    }
    assert.deepEqual(answers[1], answers[0]);
    const found = new Map(answers[0]!.series.map((each) => [each.series, each]));
    assert.deepEqual([...found.keys()].sort(), [
      'load{host="a"}',
      'load{host="b \\"new\\"/1"}',
      'requests_total{host="a"}',
    ]);
    assert.equal(found.get('load{host="b \\"new\\"/1"}')!.alarms, 0);
    for (const [name, bad, usual] of [
      ['load{host="a"}', 400, load(INCIDENT[0])],
      ['requests_total{host="a"}', 0, 10],
    ] as const) {
      const [anomaly, ...others] = found.get(name)!.anomalies;
      assert.deepEqual(others, [], name);
      assert.equal(anomaly!.start, new Date(INCIDENT[0]).toISOString(), name);
      assert.ok(Math.abs(anomaly!.value - bad) < 1e-6, `${name} was ${anomaly!.value}`);
      assert.ok(Math.abs(anomaly!.yhat - usual) < 0.2 * usual, `${name}: ${anomaly!.yhat} was expected`);
    }
  });

  it('says what is wrong with a question', async () => {
    const prometheus = databases.Prometheus!;
    const elsewhere = await startHttpServer(cleanup, (_request, response) =>
      response.writeHead(404).end('no such page'),
    );
    for (const [name, args, wanted] of [
      ['a wrong address', range(`http://${elsewhere}`, 'load'), /Cannot read from http.*: HTTP 404: no such page/],
      ['no such series', range(prometheus, 'nothing'), /No series matches between 20.*Z and 20.*Z/],
      [
        'too much',
        [...range(prometheus, 'load'), '--step', '1s', '--start', '-300d'],
        /2 series would be \d+ million steps .* more than 30 million: match fewer series/,
      ],
    ] as const) {
      const { code, stdout, stderr } = await backtest(...args);
      assert.deepEqual([code, stdout], [1, ''], name);
      assert.match(stderr, wanted, name);
    }
  });

  it('writes a report that a browser shows without asking anybody', { skip: skipWithoutChromium() }, async () => {
    const out = join(folder, 'out');
    const { code } = await backtest(...range(databases.Prometheus!, 'load', 'requests_total'), '--out', out);
    assert.equal(code, 0);
    assert.deepEqual(readdirSync(out).sort(), [
      'load_host_a.csv',
      'load_host_b_new_1.csv',
      'report.html',
      'requests_total_host_a.csv',
    ]);
    const url = `http://${await startHttpServer(cleanup, (_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(readFileSync(join(out, 'report.html')));
    })}`;
    const browser = await startBrowser(cleanup);
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, complaints, requests } = await openPage(browser, `${url}/report.html`, { colorScheme });
      assert.deepEqual([complaints, requests.length], [[], 1]);
      assert.deepEqual(await page.$$eval('section h2', (titles) => titles.map(({ textContent }) => textContent)), [
        'load{host="a"}',
        'requests_total{host="a"}',
        'load{host="b \\"new\\"/1"}',
      ]);
      // A close-up of each incident beside the whole of each series, and every line drawn.
      const boxes = await page.$$eval('path.value', (paths) => paths.map((path) => path.getBoundingClientRect().width));
      assert.equal(boxes.length, 3 + 2);
      assert.ok(
        boxes.every((width) => width > 100),
        `widths ${boxes}`,
      );
    }
  });
});
