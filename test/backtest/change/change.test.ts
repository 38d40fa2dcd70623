import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type BacktestFlags, backtest } from '#src/backtest/backtest.js';
import { parseConfig } from '#src/config/load.js';
import { wave, writeSeries } from '../wave.js';

const folder = mkdtempSync(join(tmpdir(), 'sentio-change-'));
after(() => rmSync(folder, { recursive: true }));

// A large incident upwards on the sixth day, and a smaller one on the seventh.
writeSeries(
  folder,
  'load',
  8,
  (hour, row) => wave(hour, row) + (row >= 480 && row < 486 ? 200 : 0) + (row >= 600 && row < 606 ? 30 : 0),
);
const paths = [join(folder, 'load.csv')];
const start = '2026-01-09';

async function run(flags: Omit<BacktestFlags, 'paths'>) {
  let [stdout, stderr] = ['', ''];
  const code = await backtest(
    { paths, start, ...flags },
    {
      stdout: { write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
    },
  );
  return { code, stdout, stderr };
}

describe('sentio backtest --set', () => {
  it('changes a rule that names a calendar of the file', async () => {
    const configFile = join(folder, 'calendar.yml');
    writeFileSync(
      configFile,
      `calendars: [{name: days, days: [{name: Stocktaking, date: 2026-01-10}]}]
rules: [{name: load, match: [load], special_days: [{calendar: days, ignore: true}]}]`,
    );
    const { code, stdout, stderr } = await run({ configFile, set: ['anomaly.min_deviation=100'] });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /special_days:\n\s+- calendar: days/);
  });

  it('says which alarms would go and stay, as backtests with either settings say, and prints the rule', async () => {
    const configFile = join(folder, 'sentio.yml');
    writeFileSync(configFile, 'rules: [{name: load, match: [load], anomaly: {direction: up}}]');
    const { code, stdout, stderr } = await run({ configFile, set: ['anomaly.min_deviation=100'] });
    assert.deepEqual([code, stderr], [0, '']);
    const [sentence, went, stayed, yaml] = stdout.split('\n\n') as [string, string, string, string];
    assert.match(
      sentence,
      /^With { anomaly: { min_deviation: 100 } }: 2 → 1 alarms, too short to say a weekly rate, over 4 d of 1 series\.$/,
    );
    assert.match(went, /^These would go \(1\)\n {2}2026-01-11 06:00 .* load /);
    assert.match(stayed, /^These would stay \(1\)\n {2}2026-01-10 00:00 .* load /);

    const { rules } = parseConfig(yaml, '.');
    assert.deepEqual(rules[0]!.settings.anomaly, {
      direction: 'up',
      minDeviation: { up: 100, down: 100 },
      minRelativeDeviation: { up: 0, down: 0 },
      falseAlarmsPerWeek: 1,
    });
    writeFileSync(join(folder, 'changed.yml'), yaml);
    const starts = async (file: string) => {
      const { stdout: json } = await run({ configFile: file, json: true });
      return JSON.parse(json).series[0].anomalies.map((alarm: { start: string }) => alarm.start);
    };
    assert.deepEqual(await starts(join(folder, 'changed.yml')), ['2026-01-10T00:00:00.000Z']);
    assert.deepEqual(await starts(configFile), ['2026-01-10T00:00:00.000Z', '2026-01-11T06:00:00.000Z']);
  });

  it('takes another step', async () => {
    const { stdout } = await run({ set: ['step=1h', 'prophet.interval_width=0.95'] });
    assert.match(stdout, /^With { step: 1h, prophet: { interval_width: 0\.95 } }: /);
    assert.equal(parseConfig(stdout.slice(stdout.indexOf('rules:')), '.').rules[0]!.settings.stepMs, 3_600_000);
  });

  for (const [name, set, wanted] of [
    ['what is no key and value', ['anomaly'], /^--set anomaly: must be KEY=VALUE, such as anomaly\.min_deviation=5$/m],
    [
      'a key that there is not',
      ['anomaly.direktion=up'],
      /^anomaly\.direktion: unknown key, did you mean direction\?$/m,
    ],
    ['a value that is none', ['step=fast'], /^step: must be a duration such as 30s/m],
    ['the name of the rule', ['name=x'], /^--set name: cannot be changed$/m],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const { code, stdout, stderr } = await run({ set });
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, wanted);
    });
  }
});
