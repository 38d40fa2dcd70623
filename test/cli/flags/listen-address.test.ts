import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultListenAddress, listenFailure, parseListenAddress, urlOf } from '#src/cli/flags/listen-address.js';

const CASES: readonly (readonly [text: string, host: string, url: string])[] = [
  ['127.0.0.1:9201', '127.0.0.1', 'http://127.0.0.1:9201'],
  ['10.1.2.3:9201', '10.1.2.3', 'http://10.1.2.3:9201'],
  ['sentio.example:9201', 'sentio.example', 'http://sentio.example:9201'],
  [':9201', '0.0.0.0', 'http://127.0.0.1:9201'],
  ['[::]:9201', '::', 'http://[::1]:9201'],
  ['[::1]:9201', '::1', 'http://[::1]:9201'],
];

for (const [text, host, url] of CASES) {
  test(`what listens on ${text} is reached at ${url}`, () => {
    const listen = parseListenAddress(text);
    assert.deepEqual(listen, { host, port: 9201 });
    assert.equal(urlOf(listen), url);
  });
}

for (const text of ['', '9201', 'localhost', '127.0.0.1:', '127.0.0.1:65536', '::1:9201', '[::1]'])
  test(`"${text}" is no address to listen on`, () => {
    assert.throws(() => parseListenAddress(text), {
      name: 'UsageError',
      message: /^Cannot listen on ".*": must be host:port/,
    });
  });

for (const [syscall, code, reason] of [
  ['listen', 'EADDRINUSE', 'the address is already in use'],
  ['listen', 'EADDRNOTAVAIL', 'no interface of this machine has that address'],
  ['listen', 'EACCES', 'not permitted: ports below 1024 are for root, unless the system says otherwise'],
  ['getaddrinfo', 'ENOTFOUND', 'there is no host of that name'],
  ['getaddrinfo', 'EAI_AGAIN', 'the name server does not answer'],
  ['listen', 'ENOBUFS', 'ENOBUFS'],
])
  test(`${code} of ${syscall} is said as "${reason}"`, () => {
    const error = Object.assign(new Error('of the system'), { syscall, code });
    assert.equal(listenFailure(error, 'box:9201'), `Cannot listen on box:9201: ${reason}`);
  });

test('what has not to do with listening is no listen failure', () => {
  assert.equal(listenFailure(new Error('of another kind'), 'box:9201'), undefined);
  assert.equal(
    listenFailure(Object.assign(new Error('denied'), { syscall: 'open', code: 'EACCES' }), 'box:9201'),
    undefined,
  );
});

const login = [{ authorization: { type: 'Bearer', credentials: 'secret' } }];
for (const [what, writers, readers, address] of [
  ['no login', [], [], '127.0.0.1:9201'],
  ['a login for writers alone', login, [], '127.0.0.1:9201'],
  ['a login for readers alone', [], login, '127.0.0.1:9201'],
  ['a login for everybody', login, login, '0.0.0.0:9201'],
] as const)
  test(`with ${what}, Sentio listens on ${address} unless told`, () => {
    assert.equal(defaultListenAddress({ writers, readers }, false), address);
  });

test('where the web configuration wants a login of everybody, Sentio listens on every interface unless told', () => {
  assert.equal(defaultListenAddress({ writers: [], readers: [] }, true), '0.0.0.0:9201');
});
