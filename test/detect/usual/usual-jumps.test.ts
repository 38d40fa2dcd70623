import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JUMPS_LENGTH, UsualJumps } from '#src/detect/usual/usual-jumps.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

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
  assert.equal(jumps.resetsFrom(4 * DAY), 0, 'of three');
  jumps.isUsual(-110, 4 * DAY);
  assert.equal(jumps.resetsFrom(4 * DAY), 1);
  assert.equal(jumps.resetsFrom(23 * DAY), 0, 'weeks later');
  jumps.isUsual(90, 5 * DAY);
  assert.equal(jumps.resetsFrom(5 * DAY), 0, 'of jumps both ways');
});

test('UsualJumps remembers what a series is pulled back by, however many spikes there are', () => {
  const jumps = new UsualJumps(new Float32Array(JUMPS_LENGTH));
  for (let day = 1; day <= 6; day++) {
    for (const spike of [5, -8, 30]) {
      jumps.isUsual(spike, (day + 0.5) * DAY);
      assert.equal(jumps.follow(0.1 * spike), false);
      assert.equal(jumps.follow(-spike), true);
    }
    jumps.isUsual(-100, (day + 0.7) * DAY);
    for (let step = 0; step < 30; step++) jumps.follow(1);
    assert.equal(jumps.resetsFrom((day + 0.8) * DAY), day >= 4 ? 1 : 0, `day ${day}`);
  }
});

test('UsualJumps tells resets at any time of the day from daily ones', () => {
  const anytime = (everyHours: number) => {
    const jumps = new UsualJumps(new Float32Array(JUMPS_LENGTH));
    let timeMs = 23.8 * HOUR;
    for (let i = 0; i < 5; i++, timeMs += everyHours * HOUR) jumps.isUsual(-100, timeMs);
    const said = jumps.resetsAnytime(timeMs);
    // One at another time changes nothing.
    jumps.isUsual(-100, timeMs + 5.5 * HOUR);
    assert.equal(jumps.resetsAnytime(timeMs + 6 * HOUR), said);
    return said;
  };
  assert.deepEqual([24, 24.1, 25, 17, 6.6].map(anytime), [false, false, true, true, true]);
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
