import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { MINUTE } from '../fixtures.js';
import { startChild, untilReady } from '../harness/child.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { freePort } from '../harness/port.js';
import { complaints } from '../harness/prometheus.js';
import { query } from '../harness/promql.js';
import { sendSeries } from '../harness/remote-write.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { startCommand, troubles } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';

const README = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');

/** The part of README under a heading. */
function section(heading: string): string {
  const [, text] = new RegExp(`^## ${heading}\\n(.*?)(?=^## )`, 'ms').exec(README) ?? [];
  assert.ok(text, `README has no "${heading}"`);
  return text;
}

/** The first match of a pattern's one group. */
function find(text: string, pattern: RegExp): string {
  const [, found] = pattern.exec(text) ?? [];
  assert.ok(found, `${pattern} is not in:\n${text}`);
  return found;
}

describe('the guide in README', { skip: skipUnlessInstalled('prometheus', 'promtool'), timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());
  const guide = section('Wire it to your Prometheus');
  const prometheusYml = find(guide, /^```yaml\n(.*?)^```/ms);
  const sentioYml = find(guide, /^cat > sentio\.yml <<'EOF'\n(.*?)^EOF$/ms);
  const sentioArguments = find(guide, /node dist\/main\.js (serve .*)$/m).split(' ');
  const alert = find(section('An alert'), /^```yaml\n(.*?)^```/ms);
  const prometheusFlag = find(guide, /^Start Prometheus with `(\S+)`/m);

  it('is accepted by promtool and by check-config', async () => {
    const folder = await temporaryFolder(cleanup);
    await writeFile(join(folder, 'prometheus.yml'), prometheusYml);
    await writeFile(join(folder, 'sentio.yml'), sentioYml);
    const promtool = spawnSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], { encoding: 'utf8' });
    assert.equal(promtool.status, 0, promtool.stdout + promtool.stderr);
    await writeFile(join(folder, 'alert.yml'), alert);
    const rules = spawnSync('promtool', ['check', 'rules', join(folder, 'alert.yml')], { encoding: 'utf8' });
    assert.equal(rules.status, 0, rules.stdout + rules.stderr);
    const sentio = startCommand(cleanup, ['check-config', join(folder, 'sentio.yml')]);
    assert.equal((await sentio.exited).code, 0, sentio.stdout.join('\n'));
  });

  it('works as pasted, but for the ports', async () => {
    const folder = await temporaryFolder(cleanup);
    const ports = { prometheus: await freePort(), sentio: await freePort() };
    const moved = (text: string) =>
      text
        .replaceAll('localhost:9090', `localhost:${ports.prometheus}`)
        .replaceAll('localhost:9201', `localhost:${ports.sentio}`);
    const load = (timeMs: number) => 2 + Math.sin(timeMs / MINUTE);
    const node = await startScrapeTarget(cleanup, [
      { name: 'node_load1', type: 'gauge', labels: {}, valueAt: load },
      { name: 'node_load5', type: 'gauge', labels: {}, valueAt: load },
    ]);

    await writeFile(join(folder, 'sentio.yml'), moved(sentioYml));
    const sentio = startCommand(
      cleanup,
      [...sentioArguments, `--web.listen-address=0.0.0.0:${ports.sentio}`, '--log.format=json'],
      { cwd: folder },
    );
    const sentioUrl = `http://127.0.0.1:${ports.sentio}`;
    await untilReady(sentio, `${sentioUrl}/-/ready`);
    // The first forecast wants ten minutes of samples: those that came before this test.
    const nowMs = Date.now();
    const points = Array.from({ length: 30 }, (_, i) => nowMs - (30 - i) * MINUTE);
    await sendSeries(`${sentioUrl}/api/v1/write`, [
      {
        labels: { __name__: 'node_load1', instance: node, job: 'node' },
        points: points.map((timeMs) => ({ timeMs, value: load(timeMs) })),
      },
    ]);

    const scrapeConfigs = [{ job_name: 'node', scrape_interval: '5s', static_configs: [{ targets: [node] }] }];
    await writeFile(
      join(folder, 'prometheus.yml'),
      `${moved(prometheusYml)}scrape_configs: ${JSON.stringify(scrapeConfigs)}\n`,
    );
    const prometheus = startChild(cleanup, 'prometheus', [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      prometheusFlag,
      '--log.format=json',
    ]);
    const prometheusUrl = `http://127.0.0.1:${ports.prometheus}`;
    await untilReady(prometheus, `${prometheusUrl}/-/ready`);

    // A step is a minute, and published ten seconds after it.
    const deviation = 'node_load1 - node_load1_yhat';
    await eventually('the forecast has come', async () => (await query(prometheusUrl, deviation)).length === 1, {
      deadlineMs: 120_000,
    });
    assert.equal((await query(prometheusUrl, '{__name__=~"node_load5_.+"}')).length, 0, 'what no rule names');
    assert.deepEqual(complaints(prometheus), []);
    assert.deepEqual(troubles(sentio), []);
  });
});
