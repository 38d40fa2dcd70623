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
  const shown = maskConfig(config);
  assert.match(shown, /max_series: 100000\n/);
  assert.match(shown, /http:\/\/old\/api\/v1\/read/);
  assert.match(shown, /http:\/\/new\/api\/v1\/write/);
});

test('a file that changes nothing of the sort leaves nothing waiting', () => {
  const config = parseConfig(READ, '.');
  assert.deepEqual(reloaded(config, parseConfig(`${READ}\nrules: [{name: new, match: [up]}]`, '.')).waiting, []);
});
