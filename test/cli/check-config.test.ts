import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkConfig, checkWebConfig } from '#src/cli/check-config.js';
import { BAD, expectedProblems, GOOD } from '../config/testdata.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';

function run(path: string): { code: number; output: string } {
  let output = '';
  const code = checkConfig(path, { write: (text) => (output += text) });
  return { code, output };
}

test('checkConfig() counts the parts of a good file', () => {
  const path = join(GOOD, 'everything.yml');
  const { code, output } = run(path);
  assert.equal(code, 0);
  const success = 'is a valid Sentio configuration: 1 rule, 1 query, 7 remote_write targets, 6 remote_read sources';
  assert.ok(output.startsWith(`Checking ${path}\n`) && output.endsWith(` SUCCESS: ${path} ${success}\n`), output);
});

test('checkConfig() warns of what is of no use, and takes the file', async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const path = join(await temporaryFolder(cleanup), 'sentio.yml');
  writeFileSync(path, 'rules: [{name: a, match: [a], prophet: {changepoints: [2000-01-01]}}]\n');
  assert.deepEqual(run(path), {
    code: 0,
    output: `Checking ${path}\n  WARNING: rule "a": none of its changepoints is in the history of 15d\n SUCCESS: ${path} is a valid Sentio configuration: 1 rule, 0 remote_write targets, 0 remote_read sources\n`,
  });
});

test('checkConfig() tells every problem of a bad file', () => {
  const path = join(BAD, 'every-problem-at-once.yml');
  const problems = expectedProblems(path).map((problem) => `    ${path}:${problem}\n`);
  assert.deepEqual(run(path), { code: 1, output: `Checking ${path}\n  FAILED: 7 problems\n${problems.join('')}` });
});

test('checkConfig() tells that there is no such file', () => {
  const { code, output } = run('/nowhere/sentio.yml');
  assert.equal(code, 1);
  assert.match(output, /FAILED: 1 problem\n {4}\/nowhere\/sentio\.yml: cannot read the file: ENOENT/);
});

test('checkWebConfig() says what a good file has, and what is wrong with a bad one', async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const path = join(await temporaryFolder(cleanup), 'web.yml');
  let output = '';
  const out = { write: (text: string) => (output += text) };
  writeFileSync(path, 'http_server_config: {headers: {X-Frame-Options: deny}}\n');
  assert.equal(checkWebConfig(path, out), 0);
  writeFileSync(path, 'http_server_config: {http2: true}\n');
  assert.equal(checkWebConfig(path, out), 1);
  assert.match(output, /SUCCESS: .* is a valid web configuration: no TLS, 0 users\n/);
  assert.match(output, /FAILED: 1 problem\n .*:1:22: http_server_config\.http2: is not supported/);
});
