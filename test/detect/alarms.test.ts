import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Alarms } from '#src/detect/alarms.js';
import { DAY, HOUR, MINUTE } from '../fixtures.js';

const START = Date.UTC(2026, 0, 5);

function judge(alarms: Alarms, score: number, side: number, stepEndMs: number): number {
  return alarms.judge(score, { side, kind: 'value', stepEndMs, stepMs: MINUTE });
}

/** Whether alarms of ten minutes that begin at these times, with these scores, are notified or suppressed, in turn. */
function judged(came: readonly { atMs: number; score?: number; side?: number }[]): string[] {
  const alarms = new Alarms();
  return came.map(({ atMs, score = 3, side = 1 }) => {
    const scores = Array.from({ length: 10 }, (_, i) => judge(alarms, score, side, START + atMs + (i + 1) * MINUTE));
    const isNotified = scores.map((each) => each > 1);
    assert.ok(isNotified.every((each) => each === isNotified[0]));
    return isNotified[0] ? 'notified' : 'suppressed';
  });
}

const days = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, day) => ({ atMs: day * DAY, ...more }));

const cases: { name: string; alarms: { atMs: number; score?: number; side?: number }[]; want: string[] }[] = [
  {
    name: 'the fourth day in a row',
    alarms: days(5),
    want: ['notified', 'notified', 'notified', 'suppressed', 'suppressed'],
  },
  {
    name: 'on workdays, after a weekend too',
    alarms: [0, 1, 2, 3, 4, 7, 8].map((day) => ({ atMs: day * DAY })),
    want: ['notified', 'notified', 'notified', 'suppressed', 'suppressed', 'suppressed', 'suppressed'],
  },
  {
    name: 'give or take a quarter of an hour',
    alarms: [...days(3), { atMs: 3 * DAY + 14 * MINUTE }],
    want: ['notified', 'notified', 'notified', 'suppressed'],
  },
  {
    name: 'but not an hour later',
    alarms: [...days(3), { atMs: 3 * DAY + HOUR }],
    want: ['notified', 'notified', 'notified', 'notified'],
  },
  {
    name: 'but an hour later too, where its time wanders as far and it came on five days',
    alarms: [0, 40, 15, 60, 30, 100, 20].map((minutes, day) => ({ atMs: day * DAY + minutes * MINUTE })),
    want: ['notified', 'notified', 'notified', 'notified', 'notified', 'suppressed', 'suppressed'],
  },
  {
    name: 'not a second time on such a day',
    alarms: [0, 40, 15, 60, 30, 5, 70].map((minutes, i) => ({ atMs: Math.min(i, 5) * DAY + minutes * MINUTE })),
    want: ['notified', 'notified', 'notified', 'notified', 'notified', 'suppressed', 'notified'],
  },
  {
    name: 'nor where the time wanders through the day',
    alarms: [0, 7, 2, 11, 5, 9].map((hours, day) => ({ atMs: day * DAY + hours * HOUR })),
    want: ['notified', 'notified', 'notified', 'notified', 'notified', 'notified'],
  },
  {
    name: 'nor on the other side',
    alarms: [...days(3), { atMs: 3 * DAY, side: -1 }],
    want: ['notified', 'notified', 'notified', 'notified'],
  },
  {
    name: 'nor twice as bad',
    alarms: [...days(3), { atMs: 3 * DAY, score: 6 }],
    want: ['notified', 'notified', 'notified', 'notified'],
  },
  {
    name: 'the fourth week in a row',
    alarms: [0, 7, 14, 21, 28].map((day) => ({ atMs: day * DAY })),
    want: ['notified', 'notified', 'notified', 'suppressed', 'suppressed'],
  },
  // The clock of these begins on 5 January.
  {
    name: 'the third month on its day',
    alarms: [0, 31, 59, 90].map((day) => ({ atMs: day * DAY })),
    want: ['notified', 'notified', 'suppressed', 'suppressed'],
  },
  {
    name: 'the third month on the day before its last one, though one was missed',
    alarms: [25, 53, 114].map((day) => ({ atMs: day * DAY })),
    want: ['notified', 'notified', 'suppressed'],
  },
  {
    name: 'but not on another day of each month',
    alarms: [0, 32, 61].map((day) => ({ atMs: day * DAY })),
    want: ['notified', 'notified', 'notified'],
  },
];
for (const { name, alarms, want } of cases) {
  test(`Alarms keeps quiet what comes at its time of the day: ${name}`, () => assert.deepEqual(judged(alarms), want));
}

test('Alarms takes one that lasted for days for one, not for one of each day', () => {
  const alarms = new Alarms();
  for (let minute = 1; minute <= 70 * 60; minute++) judge(alarms, 3, -1, START + minute * MINUTE);
  assert.equal(judge(alarms, 3, -1, START + 3 * DAY + HOUR), 3);
});

test('Alarms keeps quiet what began as usual until it is plainly worse, and does not go to and fro at the edge', () => {
  const fourth = (...scores: readonly number[]) => {
    const alarms = new Alarms();
    for (const day of [0, 1, 2]) judge(alarms, 3, 1, START + day * DAY);
    return scores.map((score, i) => judge(alarms, score, 1, START + 3 * DAY + i * MINUTE) > 1);
  };
  assert.deepEqual(fourth(4.4, 4.6, 4.4, 5.8, 4.6), [false, false, false, false, false]);
  assert.deepEqual(fourth(4.4, 6, 5, 4.4), [false, true, true, false]);
  assert.deepEqual(fourth(4.6, 4.6), [true, true]);
});

test('Alarms keeps quiet how something usual ends, for ten minutes, as long as it is no worse', () => {
  const alarms = new Alarms();
  const came = (atMs: number) => Array.from({ length: 30 }, (_, i) => judge(alarms, 3, 1, atMs + (i + 1) * MINUTE));
  for (const day of [0, 1, 2]) came(START + day * DAY);
  assert.equal(judge(alarms, 3, -1, START + 2 * DAY + 31 * MINUTE), 3, 'the end of what is not usual yet');
  assert.equal(came(START + 3 * DAY).at(-1), 0.99);
  const after = (minute: number, score: number) => judge(alarms, score, -1, START + 3 * DAY + (30 + minute) * MINUTE);
  assert.deepEqual([after(1, 2), after(2, 4), after(10, 2), after(12, 2)], [0.99, 4, 0.99, 2]);
});

test('Alarms takes alarms less than ten minutes apart for one, and remembers its peak', () => {
  const alarms = new Alarms();
  for (const [minute, score, side] of [
    [1, 2, 1],
    [2, 5, -1],
    [3, 0.5, 1],
    [12, 3, 1],
    [30, 2, 1],
  ] as const) {
    judge(alarms, score, side, START + minute * MINUTE);
  }
  assert.deepEqual(alarms.list, [
    { fromMs: START, toMs: START + 12 * MINUTE, side: -1, peakScore: 5, kind: 'value', suppressed: false },
    { fromMs: START + 29 * MINUTE, toMs: START + 30 * MINUTE, side: 1, peakScore: 2, kind: 'value', suppressed: false },
  ]);
});

test('Alarms leaves scores that are no alarm as they are, and remembers the last 32 alarms', () => {
  const alarms = new Alarms();
  for (const score of [0, 1, Number.NaN]) assert.equal(judge(alarms, score, 1, START), score);
  assert.equal(alarms.list.length, 0);
  for (let hour = 0; hour < 40; hour++) judge(alarms, 2, 1, START + hour * HOUR);
  assert.equal(alarms.list.length, 32);
  assert.equal(alarms.list[0]!.toMs, START + 8 * HOUR);
});

test('an alarm is of the kind it began with, and a jump that stays away one of the value', () => {
  const kindsOf = (...kinds: readonly ('jump' | 'value' | 'stuck')[]) => {
    const alarms = new Alarms();
    kinds.forEach((kind, i) => {
      alarms.judge(2, { side: 1, kind, stepEndMs: START + i * MINUTE, stepMs: MINUTE });
    });
    return alarms.list.map(({ kind }) => kind);
  };
  assert.deepEqual(kindsOf('jump'), ['jump']);
  assert.deepEqual(kindsOf('jump', 'value', 'jump'), ['value']);
  assert.deepEqual(kindsOf('stuck', 'value'), ['stuck']);
});

test('the alarm of a step is the last one while it goes on, unless it is suppressed', () => {
  const alarms = new Alarms();
  const step = { side: 1, kind: 'value', stepMs: MINUTE } as const;
  alarms.judge(2, { ...step, stepEndMs: START });
  assert.equal(alarms.at(START)?.peakScore, 2);
  assert.equal(alarms.at(START + MINUTE), undefined);
  alarms.list = alarms.list.map((alarm) => ({ ...alarm, suppressed: true }));
  assert.equal(alarms.at(START), undefined);
});

test('what does not come is an alarm for as long as it would have lasted, whatever side the value is on then', () => {
  for (const side of [1, -1]) {
    const alarms = new Alarms();
    const weekly = (week: number) => START + 7 * week * DAY;
    for (const week of [0, 1, 2, 3]) {
      for (let minute = 1; minute <= 40; minute++) judge(alarms, 3, 1, weekly(week) + minute * MINUTE);
    }
    const said: number[] = [];
    for (let minute = 1; minute <= 120; minute++) {
      const stepEndMs = weekly(4) + minute * MINUTE;
      const isMissing = alarms.dueAt(stepEndMs, MINUTE) !== undefined;
      const score = isMissing ? 1.01 : 0.5;
      if (alarms.judge(score, { side, kind: 'missing', stepEndMs, stepMs: MINUTE }) > 1) said.push(minute);
    }
    assert.deepEqual([said[0], said.at(-1), said.length], [16, 55, 40], `side ${side}`);
  }
});

test('what does not come day after day is no alarm from the fourth day on, and is not missed itself', () => {
  const alarms = new Alarms();
  const isAlarm = (day: number) => {
    const stepEndMs = START + day * DAY;
    return alarms.judge(1.01, { side: -1, kind: 'missing', stepEndMs, stepMs: MINUTE }) > 1;
  };
  const days = [0, 1, 2, 3, 4, 5, 6].map(isAlarm);
  assert.deepEqual(days, [true, true, true, false, false, false, false]);
  alarms.list = alarms.list.map((alarm) => ({ ...alarm, toMs: alarm.toMs + HOUR }));
  assert.equal(alarms.dueAt(START + 7 * DAY + 16 * MINUTE, MINUTE), undefined);
});

test('an alarm of a limit is never usual, not missed when it stays away, and gives the alarm it comes in its kind', () => {
  const alarms = new Alarms();
  const step = { side: 1, kind: 'limit', stepMs: MINUTE, isForced: true } as const;
  for (let day = 0; day < 8; day++) {
    for (let minute = 0; minute < 5; minute++)
      assert.equal(alarms.judge(2, { ...step, stepEndMs: START + day * DAY + minute * MINUTE }), 2, `day ${day}`);
  }
  const late = START + 8 * DAY + 16 * MINUTE;
  assert.equal(alarms.dueAt(late, MINUTE), undefined);
  alarms.list = alarms.list.map((alarm) => ({ ...alarm, kind: 'value' }));
  assert.equal(alarms.dueAt(late, MINUTE)?.side, 1, 'another alarm that came every day is missed');

  const other = new Alarms();
  other.judge(2, { side: 1, kind: 'stuck', stepEndMs: START, stepMs: MINUTE });
  other.judge(2, { ...step, stepEndMs: START + MINUTE });
  assert.deepEqual(
    other.list.map(({ kind }) => kind),
    ['limit'],
  );
});
