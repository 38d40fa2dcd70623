import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCorpus } from './corpus.js';
import { fuzz } from './fuzz.js';
import { open } from './lock.js';
import { TARGETS } from './targets/targets.js';

for (const target of TARGETS) {
  test(`${target.name} takes any bytes`, async () => {
    const corpus = readCorpus(target.name);
    const { executions, crash } = await fuzz(target, { seed: 1, executions: 1_000, batch: 100, corpus });
    assert.ok(executions > corpus.length);
    assert.equal(crash && `${Buffer.from(crash.input).toString('hex')}: ${crash.error}`, undefined);
  });
}

test('an input that has to pass one comparison after the other is found', async () => {
  // By chance alone it is one in four billion.
  const target = { name: 'lock', files: ['fuzz/lock'], seeds: [Buffer.from('abcd')], tokens: [], run: open };
  const { crash } = await fuzz(target, { seed: 1, executions: 300_000, batch: 200, corpus: [] });
  assert.equal(String(crash?.error), 'Error: open');
});
