import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfigInThread } from '#src/cli/config-thread.js';
import { loadConfig } from '#src/config/load.js';
import { BAD, GOOD } from '../config/testdata.js';

function fileWith(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sentio-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'sentio.yml');
  writeFileSync(path, text);
  return path;
}

test('a configuration that is read in a thread is the one that is read without', async (t) => {
  const rules = Array.from({ length: 450 }, (_, i) => `  - {name: r${i}, match: [m${i}], step: ${15 + (i % 3)}s}\n`);
  const queries = Array.from({ length: 120 }, (_, i) => `  - {name: q${i}, expr: up, source: p}\n`);
  const many = fileWith(
    t,
    `query_sources: [{name: p, url: "http://p/api/v1/query_range"}]\nqueries:\n${queries.join('')}rules:\n${rules.join('')}`,
  );
  for (const path of [many, join(GOOD, 'everything.yml'), join(GOOD, 'empty.yml')]) {
    const read = await loadConfigInThread({ path, machine: { max_series: 7 } });
    assert.deepEqual(read, loadConfig(path, { max_series: 7 }), path);
    assert.ok(Object.isFrozen(read.rules[0]?.settings));
  }
});

test('what is wrong with a configuration is the same in a thread', async () => {
  for (const path of [join(BAD, 'every-problem-at-once.yml'), '/dev/zero', '/', '/nowhere']) {
    let problems: unknown;
    assert.throws(
      () => loadConfig(path),
      (error: { problems: unknown }) => {
        problems = error.problems;
        return true;
      },
    );
    await assert.rejects(loadConfigInThread({ path, machine: {} }), { name: 'ConfigError', problems });
  }
});
