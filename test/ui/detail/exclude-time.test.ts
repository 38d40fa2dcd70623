import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proposedTime } from '#src/ui/detail/exclude-time.js';
import { alarm } from '../explanation.js';

const none = { explained: undefined, window: undefined, alarms: [], now: 5000.5 };

test('proposedTime() is what is explained, else the window of the time line, else the last alarm, else the coming hour', () => {
  const alarms = [alarm({ start: 1000, end: 1600 }), alarm({ start: 2000, end: 2100.5 }), alarm({ suppressed: true })];
  const window = { start: 10.5, end: 20.5 };
  const explained = { start: 3000, end: 3060 };
  assert.deepEqual(proposedTime({ ...none, alarms, window, explained }), explained);
  assert.deepEqual(proposedTime({ ...none, alarms, window }), { start: 10, end: 21 });
  assert.deepEqual(proposedTime({ ...none, alarms }), { start: 2000, end: 2101 });
  assert.deepEqual(proposedTime(none), { start: 5000, end: 8601 });
});

test('proposedTime() lets an alarm that goes on last for another hour', () => {
  const explained = alarm({ start: 4000, end: 5000, is_ongoing: true });
  assert.deepEqual(proposedTime({ ...none, explained }), { start: 4000, end: 8601 });
});
