import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Cleanup, temporaryFolder } from './harness/cleanup.js';
import { descendants, isRunning } from './harness/descendants.js';
import { getJson } from './harness/json-api.js';
import { startCommand } from './harness/sentio.js';
import { eventually } from './harness/wait.js';

describe('sentio check-config', { timeout: 60_000 }, () => {
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

  it('says so where there is no file', async () => {
    const child = startCommand(cleanup, ['check-config', '/nowhere/sentio.yml']);
    assert.equal((await child.exited).code, 1);
    assert.match(child.stdout.join('\n'), /cannot read \/nowhere\/sentio\.yml/);
  });
});

describe('sentio demo', { timeout: 60_000 }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('shows forecasts and an anomaly within 30 s, and Ctrl-C leaves nothing behind', async () => {
    const folder = await temporaryFolder(cleanup);
    const startMs = Date.now();
    const demo = startCommand(cleanup, ['demo'], { TMPDIR: folder });
    const said = () => demo.stdout.join('\n');
    const address = await eventually('it prints its address', () => /http:\/\/[\w.]+:\d+/.exec(said())?.[0]);
    const deadlineMs = startMs + 30_000 - Date.now();
    await eventually('it shows an anomaly', () => /anomal/i.test(said()), { deadlineMs });
    const { data } = await getJson(`${address}/api/v1/series`);
    assert.ok((data as unknown[]).length > 0);

    const children = descendants(demo.pid);
    demo.signal('SIGINT');
    assert.deepEqual(await demo.exited, { code: 0, signal: null });
    assert.deepEqual(children.filter(isRunning), []);
    assert.deepEqual(readdirSync(folder), []);
  });
});
