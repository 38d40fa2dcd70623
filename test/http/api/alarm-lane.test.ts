import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlarmLane } from '#src/http/api/alarm-lane.js';

const grid = { startMs: 1000, stepMs: 10, points: 5 };

test('a lane counts how many alarms there were at each point, also of those that begin before or end after it', () => {
  const lane = new AlarmLane('web', grid);
  lane.addSeries(true);
  lane.addSeries(false);
  lane.addAlarm({ fromMs: 1010, toMs: 1030 });
  lane.addAlarm({ fromMs: 1029, toMs: 1031 });
  lane.addAlarm({ fromMs: 0, toMs: 1005 });
  lane.addAlarm({ fromMs: 1049, toMs: 9000 });
  assert.deepEqual(lane.toJson(), { name: 'web', series: 2, anomalous: 1, alarms: 4, counts: [1, 1, 2, 1, 1] });
});

test('a lane leaves out alarms that are over before it or begin after it', () => {
  const lane = new AlarmLane('web', grid);
  lane.addAlarm({ fromMs: 900, toMs: 1000 });
  lane.addAlarm({ fromMs: 1050, toMs: 1060 });
  assert.deepEqual(lane.toJson(), { name: 'web', series: 0, anomalous: 0, alarms: 0, counts: [0, 0, 0, 0, 0] });
});
