import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type BacktestFlags, backtest } from '#src/backtest/backtest.js';
import { START_SECONDS, STEP_SECONDS, wave, writeSeries } from './wave.js';

const folder = mkdtempSync(join(tmpdir(), 'sentio-backtest-'));
after(() => rmSync(folder, { recursive: true }));

mkdirSync(join(folder, 'group'));
writeSeries(folder, 'group/quiet', 6, wave);
// Five days in, for two hours; and three days in, before what is judged.
const INCIDENT = [480, 488] as const;
const EARLIER = 300;
writeSeries(folder, 'group/loud', 6, (hour, row) =>
  row === EARLIER || (row >= INCIDENT[0] && row < INCIDENT[1]) ? 300 : wave(hour, row),
);

async function run(flags: BacktestFlags) {
  let [stdout, stderr] = ['', ''];
  const code = await backtest(flags, {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

describe('sentio backtest', () => {
  it('says first what somebody who is paged asks, then the alarms, then the measures of each series, the worst first', async () => {
    const { code, stdout } = await run({ paths: [join(folder, 'group')], start: '2026-01-09' });
    assert.equal(code, 0);
    const [verdict, alarms, table] = stdout.split('\n\n') as [string, string, string];
    const lines = verdict.split('\n');
    assert.equal(
      lines[0],
      'Over 2 d you would have been paged once: too short to say a rate, once at night; the longest lasted 2 h.',
    );
    assert.match(
      lines[1]!,
      /^The forecast error is \d+ % (smaller|larger) than that of “same as yesterday”, in the median of the series\.$/,
    );
    assert.match(lines[2]!, /^The interval was meant to hold 99\.0 % of the samples and held \d+\.\d %\.$/);
    assert.match(alarms, /\n2026-01-10 00:00 +2 h {2}loud +\d+\.\d\d +300 +\d\d\.\d+ \(/);
    const rows = table.split('\n');
    assert.match(rows[1]!, /^loud +\d+\.\d\d +\d\.\d{3} +\d\.\d{3} +1 +-$/);
    assert.match(rows[2]!, /^quiet .* 0 +-$/);
    assert.match(rows[3]!, /^all 2 series /);
  });

  it('says of a start after the last sample, and of an end before the first, what the file has', async () => {
    const path = join(folder, 'group', 'quiet.csv');
    const late = await run({ paths: [path], start: '2026-02-01' });
    assert.deepEqual([late.code, late.stdout], [1, '']);
    assert.match(
      late.stderr,
      /^Cannot replay quiet: --start 2026-02-01 00:00 is after its last sample; it has 2026-01-05 00:00 to 2026-01-10 23:45 \(UTC\)$/m,
    );
    const early = await run({ paths: [path], end: '2026-01-01' });
    assert.match(early.stderr, /^Cannot replay quiet: --end 2026-01-01 00:00 is before its first sample; it has 2026/m);
  });

  it('says why logistic growth takes long', async () => {
    const configFile = join(folder, 'logistic.yml');
    writeFileSync(
      configFile,
      `rules: [{name: full, match: ['{__name__=~".+"}'], refit_interval: 7d, prophet: {growth: logistic, cap: 400}}]`,
    );
    const { stderr } = await run({ paths: [join(folder, 'group', 'quiet.csv')], end: '2026-01-06', configFile });
    assert.match(stderr, /^Rule full has logistic growth, which only Stan fits: .* every 1w of the past\. A longer/m);
  });

  it('says that no forecast was judged where none was made so long before', async () => {
    const { code, stdout } = await run({ paths: [join(folder, 'group')], horizon: '30d' });
    assert.equal(code, 0);
    assert.match(stdout, /^No forecast was evaluated: no value has a forecast for its time\.\n/);
  });

  it('says the same as JSON, in the same words whatever the number of threads', async () => {
    const flags = { paths: [join(folder, 'group')], start: '2026-01-09', json: true };
    const [one, two] = [await run({ ...flags, threads: 1 }), await run({ ...flags, threads: 2 })];
    assert.equal(two.stdout, one.stdout);
    const { totals, series } = JSON.parse(one.stdout);
    assert.deepEqual([totals.series, totals.alarms, totals.nominal], [2, 1, 0.99]);
    assert.equal(series[0].series, 'loud');
    assert.equal(series[0].step_seconds, STEP_SECONDS);
    assert.deepEqual(
      series[0].anomalies.map(({ start, value }: { start: string; value: number }) => [start, value]),
      [['2026-01-10T00:00:00.000Z', 300]],
    );
  });

  it('writes times by the clock of the rule, and those of JSON in UTC with its zone beside them', async () => {
    const configFile = join(folder, 'kolkata.yml');
    writeFileSync(configFile, `rules: [{name: far, match: ['{__name__=~".+"}'], timezone: Asia/Kolkata}]`);
    const flags = { paths: [join(folder, 'group')], start: '2026-01-09', configFile };
    const out = join(folder, 'kolkata-out');
    assert.match((await run({ ...flags, out })).stdout, /Alarms, worst first \(Asia\/Kolkata\)\n.*\n2026-01-10 05:30 /);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    assert.ok(page.includes('Times are those of Asia/Kolkata.'));
    assert.match(page, /<title>2026-01-\d\d \d\d:\d\d Asia\/Kolkata/);
    assert.match(page, /<b>2026-01-10 05:30<\/b>/);
    const [loud] = JSON.parse((await run({ ...flags, json: true })).stdout).series;
    assert.deepEqual([loud.timezone, loud.anomalies[0].start], ['Asia/Kolkata', '2026-01-10T00:00:00.000Z']);
  });

  it('says how long after its begin each marked anomaly was found, in words, in the table, as JSON and in the report', async () => {
    // Two are marked: the incident from an hour before it shows, and one that never shows.
    const isMarked = (row: number) => (row >= INCIDENT[0] - 4 && row < INCIDENT[1]) || (row >= 540 && row < 544);
    const [head, ...rows] = readFileSync(join(folder, 'group/loud.csv'), 'utf8').trimEnd().split('\n');
    mkdirSync(join(folder, 'marked'));
    const path = join(folder, 'marked/loud.csv');
    writeFileSync(path, `${head},label\n${rows.map((line, row) => `${line},${isMarked(row) ? 1 : 0}`).join('\n')}\n`);
    const out = join(folder, 'marked-out');
    const { stdout } = await run({ paths: [path], start: '2026-01-09', out });
    const sentences = [
      'Of the anomalies that are marked 50 % were found, and 100 % of the alarms were about one (F1 0.67).',
      'They were found 75 min after their begin in the median, 75 min at worst.',
    ];
    const [verdict, , table] = stdout.split('\n\n') as [string, string, string];
    assert.deepEqual(verdict.split('\n').slice(-2), sentences);
    const [names, own, all] = table.split('\n') as [string, string, string];
    assert.match(names, / a week +precision +recall +found after$/);
    for (const row of [own, all]) assert.match(row, / 1\.00 +0\.50 +75 min$/);

    const page = readFileSync(join(out, 'report.html'), 'utf8');
    for (const sentence of sentences) assert.ok(page.includes(`<p>${sentence}</p>`), sentence);
    assert.match(page, /<dt>found after<\/dt><dd>75 min<\/dd>/);
    assert.match(page, /1 of 2 marked anomalies found, the latest 75 min after its begin/);

    const { totals, series } = JSON.parse((await run({ paths: [path], start: '2026-01-09', json: true })).stdout);
    assert.deepEqual([totals.found_after_median_seconds, totals.found_after_worst_seconds], [4_500, 4_500]);
    assert.deepEqual(series[0].marked, [
      { start: '2026-01-09T23:00:00.000Z', end: '2026-01-10T01:45:00.000Z', found_after_seconds: 4_500 },
      { start: '2026-01-10T15:00:00.000Z', end: '2026-01-10T15:45:00.000Z', found_after_seconds: null },
    ]);
  });

  it('says nothing of what was found where nobody marked anything', async () => {
    const flags = { paths: [join(folder, 'group')], start: '2026-01-09' };
    assert.doesNotMatch((await run(flags)).stdout, /found|recall/);
    const { totals, series } = JSON.parse((await run({ ...flags, json: true })).stdout);
    assert.equal(totals.found_after_median_seconds, null);
    assert.equal('marked' in series[0], false);
  });

  it('writes predictions and a report that asks for nothing, the same whatever the number of threads', async () => {
    const written = async (threads: number) => {
      const out = join(folder, `out-${threads}`);
      const { code, stderr } = await run({ paths: [join(folder, 'group')], out, threads });
      assert.deepEqual([code, stderr], [0, `pictures: ${join(out, 'report.html')}\n`]);
      return new Map(readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'utf8')]));
    };
    const files = await written(1);
    assert.deepEqual(await written(2), files);
    assert.deepEqual([...files.keys()].sort(), ['loud.csv', 'quiet.csv', 'report.html']);
    const rows = files.get('loud.csv')!.split('\n');
    assert.equal(rows[0], 'unix_seconds,value,yhat,yhat_lower,yhat_upper,anomaly_score');
    assert.match(
      rows[1 + INCIDENT[0]]!,
      new RegExp(`^${START_SECONDS + INCIDENT[0] * STEP_SECONDS},300,\\d+\\.\\d+,.*,\\d+\\.\\d+$`),
    );
    const page = files.get('report.html')!;
    assert.doesNotMatch(page, /\b(src|href)="(?!#)|url\(|@import|<script/);
    assert.match(page, /<h2>loud<\/h2>/);
    assert.match(page, /<p>Over 6 d you would have been paged /);
    assert.match(page, /<title>2026-01-10 \d\d:\d\d UTC\n300\nexpected \d+\.\d+ \(/);
    assert.match(page, /<pre>rules:\n {2}- name: default\n/);
  });

  it('replays what it can where a file is bad, says what is wrong with it, and fails', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    writeSeries(folder, 'mixed/good', 2, wave);
    writeFileSync(join(mixed, 'bad.csv'), 'unix_seconds,value\n2,1\n1,1\n');
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stdout, stderr } = await run({ paths: [mixed, empty, '/nowhere.csv'] });
    assert.equal(code, 1);
    assert.match(stdout, /^good /m);
    assert.match(stderr, /bad\.csv: line 3: the time 1 does not come after 2/);
    assert.match(stderr, /empty: no CSV file is in this folder/);
    assert.match(stderr, /Cannot read \/nowhere\.csv: ENOENT/);
  });

  const occupied = join(folder, 'group', 'quiet.csv');
  for (const [name, flags, wanted] of [
    ['nothing to replay', { paths: [] }, /either CSV files and folders, or --prometheus and --match/],
    ['both', { paths: ['a.csv'], prometheus: 'http://localhost', match: ['up'] }, /either CSV files/],
    ['no selector', { paths: [], prometheus: 'http://localhost' }, /--prometheus and --match must be given together/],
    ['a bad selector', { paths: [], prometheus: 'http://localhost', match: ['up{'] }, /--match up\{: expected a label/],
    [
      'no URL',
      { paths: [], prometheus: 'ftp://localhost', match: ['up'] },
      /The address of Prometheus must be an http:\/\/ or https:\/\/ URL/,
    ],
    [
      'nobody at the URL',
      { paths: [], prometheus: 'http://127.0.0.1:1', match: ['up'] },
      /Cannot read from http.*ECONN/,
    ],
    ['a bad time', { paths: [occupied], start: 'monday' }, /--start monday: must be a time such as/],
    ['a bad step', { paths: [occupied], step: '0' }, /--step 0: must be longer than 0/],
    ['an end before the start', { paths: [occupied], start: '-1d', end: '-2d' }, /--start is not before --end/],
    ['a file for --out', { paths: [occupied], out: occupied }, /Cannot write to --out .*: EEXIST/],
    [
      'a bad configuration',
      { paths: [occupied], configFile: '/nowhere.yml' },
      /^\/nowhere\.yml: cannot read the file/m,
    ],
  ] as const satisfies [string, BacktestFlags, RegExp][]) {
    it(`refuses ${name} in a sentence`, async () => {
      const { code, stdout, stderr } = await run(flags);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, wanted);
      assert.doesNotMatch(stderr, /\n +at /);
    });
  }
});
