import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PasswordUsers } from '#src/http/access/password-users.js';

/** Users whose hashes may be set, and how often a hash was compared. */
function setUp(hashes: Record<string, string>) {
  const compared: string[] = [];
  const users = new PasswordUsers({
    hashes: async () => hashes,
    compare: async (password, hash) => {
      compared.push(hash);
      return hash === `hash of ${password}`;
    },
  });
  return { users, compared, hashes };
}

test('PasswordUsers compares a password once, and again when the hash changes', async () => {
  const { users, compared, hashes } = setUp({ ada: 'hash of a' });
  assert.deepEqual(
    [await users.verify('ada', 'a', 'current'), await users.verify('ada', 'a', 'current')],
    [true, true],
  );
  assert.equal(compared.length, 1);
  hashes.ada = 'hash of b';
  assert.deepEqual(
    [await users.verify('ada', 'a', 'current'), await users.verify('ada', 'b', 'current')],
    [false, true],
  );
});

test('PasswordUsers does not remember what is wrong', async () => {
  const { users, compared } = setUp({ ada: 'hash of a' });
  await users.verify('ada', 'x', 'current');
  await users.verify('ada', 'x', 'current');
  assert.equal(compared.length, 2);
});

test('PasswordUsers compares the password of an unknown user too, who does not get in by that of a known one', async () => {
  const { users, compared } = setUp({ ada: 'hash of a' });
  for (const name of ['eve', 'constructor', '__proto__', ''])
    assert.equal(await users.verify(name, 'a', 'current'), false);
  assert.equal(compared.length, 4);
});

test('PasswordUsers forgets the oldest of what it remembers', async () => {
  const { users, compared } = setUp({
    ada: 'hash of a',
    ...Object.fromEntries(Array.from({ length: 1024 }, (_, i) => [`user${i}`, 'hash of a'])),
  });
  await users.verify('ada', 'a', 'current');
  for (let i = 0; i < 1024; i++) await users.verify(`user${i}`, 'a', 'current');
  await users.verify('ada', 'a', 'current');
  assert.equal(compared.length, 1026);
});

test('PasswordUsers.isEmpty() follows the file', async () => {
  const { users, hashes } = setUp({});
  assert.equal(await users.isEmpty(), true);
  hashes.ada = 'x';
  assert.equal(await users.isEmpty(), false);
});

test('PasswordUsers compares what is wrong again only with another hash', async () => {
  const { users, compared, hashes } = setUp({ ada: 'hash of a' });
  assert.equal(await users.verify('ada', 'b', 'current'), false);
  assert.equal(await users.verify('ada', 'b', 'latest'), false);
  assert.equal(compared.length, 1);
  hashes.ada = 'hash of b';
  assert.equal(await users.verify('ada', 'b', 'latest'), true);
});
