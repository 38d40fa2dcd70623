import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { maskConfig } from '#src/config/mask.js';
import { reloaded } from '#src/config/reload.js';

const READ = 'remote_read: [{url: "http://old/api/v1/read"}]';
const FILE = `
receiver: {max_series: 7}
engine: {ownership_grace_period: 1m}
remote_read: [{url: "http://new/api/v1/read"}]
remote_write: [{url: "http://new/api/v1/write"}]
rules: [{name: new, match: [up]}]
`;

test('what takes effect at the next start alone is not in effect before, however often the file is read', () => {
  let config = parseConfig(READ, '.');
  for (let time = 0; time < 2; time++) {
    const again = reloaded(config, parseConfig(FILE, '.'));
    assert.deepEqual(again.waiting, ['receiver', 'engine', 'remote_read']);
    config = again.config;
  }
  assert.equal(config.rules[0]!.name, 'new');
  assert.equal(config.receiver.maxSeries, 100_000);
  const shown = [...maskConfig(config)].join('');
  assert.match(shown, /max_series: 100000\n/);
  assert.match(shown, /http:\/\/old\/api\/v1\/read/);
  assert.match(shown, /http:\/\/new\/api\/v1\/write/);
});

test('a file that changes nothing of the sort leaves nothing waiting', () => {
  const config = parseConfig(READ, '.');
  assert.deepEqual(reloaded(config, parseConfig(`${READ}\nrules: [{name: new, match: [up]}]`, '.')).waiting, []);
});

test('queries take effect at once, unless their sources have to wait for the next start', () => {
  const file = (source: string, expression: string) => `
query_sources: [{url: "http://${source}/api/v1/query_range"}]
queries: [{name: load, expr: ${expression}}]
`;
  const running = parseConfig(file('old', 'old'), '.');
  const at = (read: string) => {
    const { config, waiting } = reloaded(running, parseConfig(read, '.'));
    const shown = [...maskConfig(config)].join('');
    return {
      waiting,
      expression: config.rules[0]!.query!.expression,
      isShown: shown.includes(`expr: ${config.rules[0]!.query!.expression}\n`),
    };
  };
  assert.deepEqual(at(file('old', 'new')), { waiting: [], expression: 'new', isShown: true });
  assert.deepEqual(at(file('new', 'new')), { waiting: ['query_sources'], expression: 'old', isShown: true });
});
