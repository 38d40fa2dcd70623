import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { configWarnings } from '#src/config/warnings.js';

const warningsOf = (config: object) => configWarnings(parseConfig(JSON.stringify(config), '.'));

test('URLs with the path of their protocol, or one of another database, are not warned of', () => {
  const urls = ['http://p:9090/api/v1/write', 'http://mimir/api/v1/push', 'http://thanos/api/v1/receive'];
  assert.deepEqual(warningsOf({ remote_write: urls.map((url, i) => ({ name: `${i}`, url })) }), []);
  assert.deepEqual(warningsOf({ remote_read: [{ url: 'http://p:9090/api/v1/read' }] }), []);
});

test('a URL without a path is warned of, without its query', () => {
  assert.deepEqual(
    warningsOf({
      remote_write: [{ name: 'p', url: 'http://p:9090?token=secret' }],
      remote_read: [{ url: 'http://p:9090' }],
    }),
    [
      'remote_write "p": http://p:9090/ has no path; the one of a Prometheus is /api/v1/write',
      'remote_read "p:9090": http://p:9090/ has no path; the one of a Prometheus is /api/v1/read',
    ],
  );
});

test('URLs of reading and writing that are swapped are warned of', () => {
  assert.deepEqual(
    warningsOf({ remote_write: [{ url: 'http://p/api/v1/read' }], remote_read: [{ url: 'http://p/api/v1/write' }] }),
    [
      'remote_write "p": http://p/api/v1/read looks like the wrong one of two URLs; the path of a Prometheus is /api/v1/write',
      'remote_read "p": http://p/api/v1/write looks like the wrong one of two URLs; the path of a Prometheus is /api/v1/read',
    ],
  );
});
