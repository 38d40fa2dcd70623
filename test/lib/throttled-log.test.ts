import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { ThrottledLog } from '#src/lib/throttled-log.js';

test('ThrottledLog logs each message once an interval, with how often it held it back', () => {
  const lines: string[] = [];
  let nowMs = 1000;
  const log = new ThrottledLog(
    pino({ base: null, timestamp: false }, { write: (line) => lines.push(line) }),
    60,
    () => nowMs,
  );
  assert.equal(log.warn({ n: 1 }, 'a'), true);
  assert.equal(log.warn({ n: 2 }, 'a'), false);
  assert.equal(log.warn({ n: 3 }, 'b'), true);
  nowMs += 59;
  assert.equal(log.warn({ n: 4 }, 'a'), false);
  nowMs += 1;
  assert.equal(log.warn({ n: 5 }, 'a'), true);
  nowMs += 60;
  assert.equal(log.warn({ n: 6 }, 'a'), true);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      { level: 40, n: 1, heldBack: 0, msg: 'a' },
      { level: 40, n: 3, heldBack: 0, msg: 'b' },
      { level: 40, n: 5, heldBack: 2, msg: 'a' },
      { level: 40, n: 6, heldBack: 0, msg: 'a' },
    ],
  );
});
