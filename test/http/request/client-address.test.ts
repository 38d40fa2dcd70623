import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientKey } from '#src/http/request/client-address.js';

const cases: readonly (readonly [address: string, key: string])[] = [
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
];
for (const [address, key] of cases) {
  test(`clientKey() of ${JSON.stringify(address)} is ${JSON.stringify(key)}`, () => {
    assert.equal(clientKey(address), key);
  });
}
