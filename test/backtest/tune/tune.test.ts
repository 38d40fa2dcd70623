import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { backtest } from '#src/backtest/backtest.js';
import { parseConfig } from '#src/config/load.js';
import { STEP_SECONDS, wave, writeSeries } from '../wave.js';

const folder = mkdtempSync(join(tmpdir(), 'sentio-tune-'));
after(() => rmSync(folder, { recursive: true }));
writeSeries(folder, 'quiet', 10, wave);
// An hour and a half of work every night: far too sharp for Prophet's usual daily season.
writeSeries(folder, 'job', 10, (hour, row) => wave(hour, row) + (hour >= 3 && hour < 4.5 ? 60 : 0));
const configFile = join(folder, 'sentio.yml');
writeFileSync(configFile, 'defaults: {refit_interval: 6h, bounds: {min: 0}}');

async function tune(name: string, threads?: number): Promise<string> {
  let [stdout, stderr] = ['', ''];
  const code = await backtest(
    { paths: [join(folder, `${name}.csv`)], configFile, tune: true, threads },
    {
      stdout: { write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
    },
  );
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
}

describe('sentio backtest --tune', () => {
  it('finds what a sharp daily job needs, and prints a rule that is valid, whatever the number of threads', async () => {
    const text = await tune('job', 1);
    assert.equal(await tune('job', 2), text);
    const [rule] = parseConfig(text.slice(text.indexOf('rules:')), '.').rules;
    assert.equal(rule!.settings.prophet.dailySeasonality, 16);
    assert.equal(rule!.settings.stepMs, STEP_SECONDS * 1000);
    // The days on which candidates are chosen and checked are fewer than a week has.
    assert.match(text, /^as it is +\d\.\d\d +\d\.\d{3} +\d+ in \d d /m);
    assert.match(text, /it would have alarmed \d+ in \d d instead of \d+ in \d d\.$/m);
    assert.doesNotMatch(text, /a week/);
    assert.deepEqual([rule!.settings.refitIntervalMs, rule!.settings.bounds], [6 * 3_600_000, { min: 0 }]);
  });

  it('keeps a rule that has nothing to gain', async () => {
    const text = await tune('quiet');
    assert.match(text, /Keep the rule as it is/);
    assert.doesNotMatch(text, /rules:/);
  });
});
