import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { defaultConfig } from '#src/config/load.js';
import { WORKLOAD } from '#src/demo/workload.js';
import { saveSnapshot } from '#src/engine/snapshot/engine-snapshot.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { ruleChooser } from '#src/model/settings/rule-chooser.js';
import { SeriesStore } from '#src/series/series-store.js';
import { type Child, startChild } from '../harness/child.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { descendants, isRunning } from '../harness/descendants.js';
import { startHttpServer } from '../harness/http-server.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { query, queryValue } from '../harness/promql.js';
import { startCommand } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';

describe('sentio check-config', { timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  async function check(text: string): Promise<{ code: number | null; said: string }> {
    const file = join(await temporaryFolder(cleanup), 'sentio.yml');
    await writeFile(file, text);
    const child = startCommand(cleanup, ['check-config', file]);
    const { code } = await child.exited;
    return { code, said: [...child.stdout, ...child.stderr].join('\n') };
  }

  it('accepts a good file', async () => {
    assert.equal((await check('rules:\n  - name: shop\n    match: [up]\n    step: 30s\n')).code, 0);
  });

  it('tells every error of a bad file with its path', async () => {
    const { code, said } = await check(
      [
        'defaults: {history: -1d}',
        'remote_write: [{url: "ftp://example.org"}]',
        'rules:',
        '  - {name: a, match: ["up{"]}',
        '  - {name: b, match: [up], stepp: 1m}',
      ].join('\n'),
    );
    assert.equal(code, 1);
    for (const path of ['defaults.history', 'remote_write[0].url', 'rules[0].match[0]', 'rules[1].stepp'])
      assert.ok(said.includes(path), `${path} is not in:\n${said}`);
  });

  it('refuses a file without an end', async () => {
    const child = startCommand(cleanup, ['check-config', '/dev/zero']);
    assert.equal((await child.exited).code, 1);
    assert.match(child.stdout.join('\n'), /\/dev\/zero: cannot read the file: it has more than 8 MiB/);
  });

  it('says so where there is no file', async () => {
    const child = startCommand(cleanup, ['check-config', '/nowhere/sentio.yml']);
    assert.equal((await child.exited).code, 1);
    assert.match(child.stdout.join('\n'), /\/nowhere\/sentio\.yml: cannot read the file/);
  });
});

describe('sentio serve that is stopped while it starts', { timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('ends at once in the middle of a snapshot, which stays as it was', async () => {
    const folder = await temporaryFolder(cleanup);
    const snapshot = join(folder, 'sentio.snapshot');
    await writeFile(snapshot, largeSnapshot());
    const before = await stat(snapshot);
    const child = startCommand(cleanup, [
      'serve',
      '--web.listen-address=127.0.0.1:0',
      '--log.format=json',
      `--storage.path=${folder}`,
    ]);
    await eventually('it has begun', () => child.stderr.some((line) => line.includes('starting sentio')), {
      intervalMs: 1,
    });
    child.signal('SIGTERM');
    assert.deepEqual(await child.exited, { code: 0, signal: null });
    assert.match(
      child.stderr.at(-1)!,
      /stopped during the start: nothing was served, and the snapshot on disk is unchanged/,
    );
    assert.equal((await stat(snapshot)).mtimeMs, before.mtimeMs);
  });

  it('ends where the storage path hangs, as a process that does not listen for the signal', async () => {
    const folder = await temporaryFolder(cleanup);
    const snapshot = join(folder, 'sentio.snapshot');
    // To open a pipe waits for somebody who writes into it, as a file on a dead server waits for that: unless it is opened so
    // that it does not, which does not help with a server.
    execFileSync('mkfifo', [snapshot]);
    const preload = `
      import files from 'node:fs/promises';
      import { syncBuiltinESMExports } from 'node:module';
      const { open } = files;
      files.open = (path, ...flags) => (path === ${JSON.stringify(snapshot)} ? open(path, 'r') : open(path, ...flags));
      syncBuiltinESMExports();`;
    const child = startCommand(
      cleanup,
      ['serve', '--web.listen-address=127.0.0.1:0', '--log.format=json', `--storage.path=${folder}`],
      { env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` } },
    );
    await eventually('it waits for its snapshot', async () => {
      const files = await readdir(folder);
      return files.includes('sentio.lock');
    });
    child.signal('SIGTERM');
    assert.deepEqual(await child.exited, { code: null, signal: 'SIGTERM' });
    assert.match(child.stderr.at(-1)!, /stopped during the start/);
  });

  /** Of series enough that it cannot be loaded before a signal comes. */
  function largeSnapshot(): Buffer {
    const { receiver, engine, rules } = defaultConfig();
    const store = new SeriesStore({
      ...receiver,
      seriesIdleTimeoutMs: engine.seriesIdleTimeoutMs,
      maxIgnoredBytes: 2 ** 20,
      chooseRule: ruleChooser(rules),
      log: { warn: () => {} },
    });
    const nowMs = Date.now();
    store.beginRequest(nowMs);
    for (let i = 0; i < 3_000; i++) {
      const block = encodeLabelBlock([{ name: '__name__', value: `metric_${i}` }]);
      store.append(store.resolve(block, 0, block.length), nowMs, i);
    }
    return Buffer.concat([...saveSnapshot(store, [], nowMs)].map((piece) => Buffer.from(piece)));
  }
});

describe('sentio serve that cannot start', { timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  /** What it says, line by line and in order, before it ends with 1. */
  async function said(...args: string[]): Promise<string[]> {
    const child = startCommand(cleanup, ['serve', '--log.format=json', '--log.level=error', ...args]);
    assert.deepEqual(await child.exited, { code: 1, signal: null });
    return child.stderr.map((line) => {
      const event = JSON.parse(line) as { msg: string; err?: object };
      assert.equal(event.err, undefined, line);
      return event.msg;
    });
  }

  it('says where the configuration is wrong, and then that it stops', async () => {
    const file = join(await temporaryFolder(cleanup), 'sentio.yml');
    await writeFile(file, 'defaults: {horison: 1d}\n');
    assert.deepEqual(await said(`--config.file=${file}`), [
      `${file}:1:12: defaults.horison: unknown key, did you mean horizon?`,
      'cannot start: the configuration is invalid',
    ]);
    const [missing] = await said('--config.file=/nowhere/sentio.yml');
    assert.match(missing!, /^\/nowhere\/sentio\.yml: cannot read the file: ENOENT/);
  });

  it('says which folder it cannot make', async () => {
    assert.deepEqual(await said('--storage.path=/proc/sentio/data'), [
      "Cannot store snapshots in /proc/sentio/data: ENOENT: no such file or directory, mkdir '/proc/sentio'",
    ]);
  });

  it('says which address it cannot listen on', async () => {
    const taken = await startHttpServer(cleanup, (_request, response) => response.end());
    assert.deepEqual(await said(`--web.listen-address=${taken}`), [
      `Cannot listen on ${taken}: the address is already in use`,
    ]);
    // The second where nobody answers for names.
    assert.match(
      (await said('--web.listen-address=nowhere.invalid:9201')).join(),
      /^Cannot listen on nowhere.invalid:9201: (there is no host of that name|the name server does not answer)$/,
    );
    assert.deepEqual(await said('--web.listen-address=9201'), [
      'Cannot listen on "9201": must be host:port, for example 127.0.0.1:9201',
    ]);
  });
});

describe('sentio demo', { timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  async function startDemo(env: NodeJS.ProcessEnv = {}): Promise<{ demo: Child; said: () => string; folder: string }> {
    const folder = await temporaryFolder(cleanup);
    const demo = startCommand(cleanup, ['demo', '--web.listen-address=127.0.0.1:0'], {
      env: { TMPDIR: folder, ...env },
    });
    return { demo, said: () => demo.stdout.join('\n'), folder };
  }

  /** Waits for the address that the demo prints after `name`. */
  function addressOf(name: string, said: () => string): Promise<string> {
    const pattern = new RegExp(`^${name}.* at (http://127\\.0\\.0\\.1:\\d+)`, 'm');
    return eventually(`it prints the address of ${name}`, () => pattern.exec(said())?.[1]);
  }

  async function interrupt(demo: Child, folder: string, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    const children = descendants(demo.pid);
    demo.signal(signal);
    assert.deepEqual(await demo.exited, { code: 0, signal: null });
    assert.deepEqual(children.filter(isRunning), []);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(demo.stderr, []);
  }

  it('needs nothing else, shows forecasts and an anomaly, and Ctrl-C leaves nothing behind', async () => {
    const { demo, said, folder } = await startDemo({ PATH: '/nowhere' });
    const sentio = await addressOf('Sentio', said);
    const forecast = /^demo_cpu_usage_percent\{host="web-1"\} +\d\S* +\d\S* {2}\(\d\S* … \d\S*\) +\d+\.\d\d +\d+/m;
    await eventually('it shows a value with its interval and score', () => forecast.test(said()));
    const anomaly = /^demo_cpu_usage_percent.* +(\d+\.\d\d) +1 {3}◀ anomaly$/m;
    const [, score] = await eventually('it shows an anomaly', () => anomaly.exec(said()) ?? undefined);
    assert.ok(Number(score) > 1, `score ${score}`);
    assert.match(said(), /^Anomaly in demo_cpu_usage_percent, score \d+\.\d\d: found after \d+ s$/m);
    assert.deepEqual(descendants(demo.pid), []);

    const { data } = await getJson(`${sentio}/api/v1/series`);
    const states = (data as { state: string }[]).map(({ state }) => state);
    assert.deepEqual(states, Array(6).fill('forecasting'));
    await interrupt(demo, folder);
  });

  it('shows the same in a real Prometheus', { skip: skipUnlessInstalled('prometheus') }, async () => {
    const { demo, said, folder } = await startDemo();
    const prometheus = await addressOf('Prometheus', said);
    const overInterval = 'max_over_time((demo_cpu_usage_percent > demo_cpu_usage_percent_yhat_upper)[1m:1s])';
    // The anomaly adds 35 to what is usual at this hour, which ranges from 10 to 60; noise alone adds less than a fifth of that.
    const reached = WORKLOAD[0]!.expected(Date.now()) + 25;
    const high = async () => (await queryValue(prometheus, overInterval)) ?? 0;
    await eventually('PromQL finds the anomaly', async () => (await high()) > reached);
    const rateMiss = 'demo_requests_total_rate_y - demo_requests_total_rate_yhat';
    await eventually('so is the rate of a counter', async () => (await query(prometheus, rateMiss)).length === 1);
    // The printed link opens a graph of series that are there.
    const link = new URL(/graph: (\S+)/.exec(said())![1]!);
    const drawn = await query(prometheus, link.searchParams.get('g0.expr') ?? '');
    const suffixes = ['', '_yhat', '_yhat_lower', '_yhat_upper'];
    assert.deepEqual(
      drawn.map(({ labels }) => labels.__name__).sort(),
      suffixes.map((suffix) => `demo_cpu_usage_percent${suffix}`),
    );
    for (const pid of descendants(demo.pid)) process.kill(pid, 'SIGKILL');
    await eventually('it tells that Prometheus is gone', () => said().includes('Prometheus has ended (SIGKILL)'));
    await interrupt(demo, folder);
  });

  it('ends its Prometheus when its terminal is closed', { skip: skipUnlessInstalled('prometheus') }, async () => {
    const { demo, said, folder } = await startDemo();
    await addressOf('Prometheus', said);
    await interrupt(demo, folder, 'SIGHUP');
  });

  it('ends its Prometheus when nobody reads what it says', { skip: skipUnlessInstalled('prometheus') }, async () => {
    const folder = await temporaryFolder(cleanup);
    const main = resolve(import.meta.dirname, '../../dist/main.js');
    const line = `"${process.execPath}" "${main}" demo --web.listen-address=127.0.0.1:0 | head -n 3`;
    const shell = startChild(cleanup, 'sh', ['-c', line], { env: { ...process.env, TMPDIR: folder } });
    await shell.exited;
    assert.match(shell.stdout[2]!, /^Prometheus at/);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(shell.stderr, []);
  });

  it('says so where its address is in use, and ends with the command that was meant', async () => {
    const address = await startHttpServer(cleanup, (_request, response) => response.end());
    for (const [script, command] of [
      ['', 'sentio demo'],
      ['demo', 'npm run demo --'],
    ] as const) {
      const demo = startCommand(cleanup, ['demo', `--web.listen-address=${address}`], {
        env: { npm_lifecycle_event: script },
      });
      assert.deepEqual(await demo.exited, { code: 1, signal: null });
      // Before it makes two weeks of data, and without a word of what it did not make.
      assert.deepEqual(demo.stdout, [
        `The demo failed: Cannot listen on ${address}: the address is already in use. On any free port: ${command} --web.listen-address=127.0.0.1:0`,
      ]);
    }
  });
});
