import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownHosts } from '#src/http/access/known-host.js';

const hosts = new KnownHosts(['box.lan.example', 'Sentio.Example']);

const known: readonly (readonly [host: string | undefined, isKnown: boolean])[] = [
  ['127.0.0.1:9201', true],
  ['10.1.2.3', true],
  ['[::1]:9201', true],
  ['[fe80::1]', true],
  ['localhost:9201', true],
  ['LOCALHOST', true],
  ['sentio:9201', true],
  ['sentio.example', true],
  ['SENTIO.example:443', true],
  ['box.lan.example:9201', true],
  [undefined, true],
  ['evil.example:9201', false],
  ['sentio.example.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.', false],
  ['1.2.3.4.5', false],
  ['', false],
  [':9201', false],
  ['localhost, evil.example', false],
  ['localhost@evil.example', false],
  ['evil.example#localhost', false],
  ['localhost:80:80', false],
  ['[::1', false],
];
for (const [host, isKnown] of known) {
  test(`the Host ${JSON.stringify(host)} is ${isKnown ? 'known' : 'not known'}`, () => {
    assert.equal(hosts.includes(host), isKnown);
  });
}
