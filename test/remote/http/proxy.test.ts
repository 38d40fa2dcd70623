import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFor } from '#src/remote/http/proxy.js';

const PROXY = 'http://proxy:3128';
const via = (noProxy?: string) => ({ url: PROXY, connectHeaders: {}, ...(noProxy !== undefined && { noProxy }) });

test('proxyFor() is the proxy of the configuration, for whatever no_proxy does not name', () => {
  const cases: [target: string, noProxy: string | undefined, isDirect: boolean][] = [
    ['http://localhost:9090', undefined, false],
    ['http://prometheus:9090', 'other', false],
    ['http://prometheus:9090', 'other, prometheus', true],
    ['http://prometheus:9090', 'PROMETHEUS', true],
    ['http://prometheus:9090', 'prometheus:9090', true],
    ['http://prometheus:9090', 'prometheus:9091', false],
    ['http://prometheus', 'prometheus:80', true],
    ['https://prometheus', 'prometheus:443', true],
    ['http://a.example.com', 'example.com', true],
    ['http://example.com', 'example.com', true],
    ['http://example.com', '.example.com', false],
    ['http://a.example.com', '.example.com', true],
    ['http://a.example.com', '*.example.com', true],
    ['http://badexample.com', 'example.com', false],
    ['http://10.1.2.3', '10.0.0.0/8', true],
    ['http://11.1.2.3', '10.0.0.0/8', false],
    ['http://10.1.2.3', '10.1.2.3', true],
    ['http://10.1.2.3', '0.0.0.0/0', true],
    ['http://10.1.2.3', '10.0.0.0/33', false],
    ['http://[fd00::1]:9090', 'fd00::/8', true],
    ['http://[fd00::1]:9090', 'fd00::1', true],
    ['http://[fd00::1]:9090', '[fd00::1]:9090', true],
    ['http://[fd00::1]:9090', '10.0.0.0/8', false],
    ['http://anything', '*', true],
    ['http://anything', '', false],
  ];
  for (const [target, noProxy, isDirect] of cases) {
    assert.equal(proxyFor(new URL(target), via(noProxy), {}), isDirect ? undefined : PROXY, `${target} ${noProxy}`);
  }
});

test('proxyFor() is the proxy of the environment where that is asked for', () => {
  const env = { HTTP_PROXY: 'plain:1', https_proxy: 'http://secure:2', NO_PROXY: 'inside' };
  const cases: [target: string, proxy: string | undefined][] = [
    ['http://outside', 'http://plain:1'],
    ['https://outside', 'http://secure:2'],
    ['http://inside', undefined],
    ['http://localhost', undefined],
    ['http://127.0.0.9', undefined],
    ['http://[::1]', undefined],
  ];
  for (const [target, proxy] of cases) {
    assert.equal(proxyFor(new URL(target), { connectHeaders: {} }, env), proxy, target);
    assert.equal(proxyFor(new URL(target), undefined, env), undefined, target);
  }
  assert.equal(proxyFor(new URL('http://outside'), { connectHeaders: {} }, {}), undefined);
});
