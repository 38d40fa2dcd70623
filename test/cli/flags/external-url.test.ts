import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExternalUrl } from '#src/cli/flags/external-url.js';

test('parseExternalUrl() reads a URL with any path', () => {
  assert.equal(parseExternalUrl('https://Sentio.example.com:8443/sentio/').hostname, 'sentio.example.com');
});

for (const text of ['', 'sentio.example.com', 'ftp://sentio.example.com', '/sentio'])
  test(`parseExternalUrl() refuses "${text}"`, () => {
    assert.throws(() => parseExternalUrl(text), { name: 'UsageError', message: /want a URL, for example https:/ });
  });
