import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JUMPS_LENGTH, UsualJumps } from '#src/detect/usual/usual-jumps.js';

const DAY = 86_400_000;

test('UsualJumps finds a jump usual once three like it have come in three weeks', () => {
  const jumps = new UsualJumps(new Float32Array(JUMPS_LENGTH));
  const said = [1, 2, 3, 4].map((day) => jumps.isUsual(-100, day * DAY));
  assert.deepEqual(said, [false, false, false, true]);
  assert.equal(jumps.isUsual(-160, 5 * DAY), false, 'a larger one');
  assert.equal(jumps.isUsual(100, 5 * DAY), false, 'one the other way');
  assert.equal(jumps.isUsual(-100, 40 * DAY), false, 'one long after');
});

test('UsualJumps knows from which side a series is pulled back', () => {
  const jumps = new UsualJumps(new Float32Array(JUMPS_LENGTH));
  for (const day of [1, 2, 3]) jumps.isUsual(-100, day * DAY);
  assert.equal(jumps.resetsFrom, 0, 'of three');
  jumps.isUsual(-110, 4 * DAY);
  assert.equal(jumps.resetsFrom, 1);
  jumps.isUsual(90, 5 * DAY);
  assert.equal(jumps.resetsFrom, 0, 'of jumps both ways');
});

test('UsualJumps goes on in another unit', () => {
  const jumps = new UsualJumps(new Float32Array(JUMPS_LENGTH));
  for (const day of [1, 2, 3]) jumps.isUsual(100, day * DAY);
  jumps.scale(10);
  assert.equal(jumps.isUsual(1000, 4 * DAY), true);
});

test('UsualJumps forgets what goes back soon: that was a spike', () => {
  const jumps = new UsualJumps(new Float32Array(JUMPS_LENGTH));
  for (const day of [1, 2, 3]) {
    assert.equal(jumps.isUsual(100, day * DAY), false);
    for (const change of [3, -5, -90]) jumps.follow(change);
  }
  assert.equal(jumps.isUsual(100, 4 * DAY), false);
});
