import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { DAY, HOUR, MINUTE } from '../fixtures.js';
import { fastClock, normal, uniform } from './fast-clock.js';
import { START } from './fixture.js';

/** Any alarm of the first days is of a series that is not known yet. */
const KNOWN_FROM_MS = START + 2 * DAY;

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START }));
afterEach(() => mock.timers.reset());

/** A kind of series under default settings: what it usually does, what happens, and which alarms there are. */
interface Case {
  readonly name: string;
  /** Of the series; one in `_total` is a counter. */
  readonly metric?: string;
  /** Days of usual life before the incident; 5 if not given. */
  readonly days?: number;
  readonly usual: (random: () => number) => (timeMs: number) => number;
  /** What a value becomes during the incident, `sinceMs` after its start. */
  readonly incident?: (value: number, sinceMs: number, random: () => number) => number;
  readonly incidentMs?: number;
  /** How long it is tracked afterwards; not at all what is for good. */
  readonly afterMs?: number;
  /** Alarms in the incident and after it. */
  readonly alarms?: number;
  /** Alarms at most in the usual days, the first two gone. */
  readonly falseAlarms: number;
}

const wave = (timeMs: number) => Math.sin((2 * Math.PI * timeMs) / DAY);
const minuteOfDay = (timeMs: number) => Math.floor((timeMs % DAY) / MINUTE);

const cases: readonly Case[] = [
  {
    name: 'near-constant: never changes, and then does for 20 minutes',
    usual: () => () => 5,
    incident: () => 6,
    alarms: 1,
    falseAlarms: 0,
  },
  {
    name: 'near-constant: a large number with a little noise',
    usual: (random) => () => 1e6 + normal(random),
    incident: (value) => value + 100,
    alarms: 1,
    falseAlarms: 0,
  },
  {
    name: 'sparse: at rest but for one minute in fifty',
    usual: (random) => () => (random() < 0.02 ? 50 + 10 * normal(random) : 0),
    incident: (_value, sinceMs) => (sinceMs < 5 * MINUTE ? 2000 : 0),
    alarms: 1,
    falseAlarms: 1,
  },
  {
    name: 'on/off: half an hour each, and then neither',
    usual: (random) => (timeMs) => (Math.floor(timeMs / (30 * MINUTE)) % 2 === 0 ? 100 : 0) + normal(random),
    incident: (value) => value + 400,
    alarms: 1,
    falseAlarms: 1,
  },
  {
    name: 'counter-reset: a counter that starts anew every seven hours, and then runs ten times as fast',
    metric: 'requests_total',
    usual: (random) => {
      let count = 0;
      return (timeMs) => {
        const increase = 60 * (50 + 20 * wave(timeMs) + 2 * normal(random));
        count = minuteOfDay(timeMs) % 420 === 0 ? increase : count + increase;
        return count;
      };
    },
    incident: (value, sinceMs) => value + (sinceMs / MINUTE) * 60 * 450,
    alarms: 1,
    falseAlarms: 1,
  },
  {
    name: 'bounded: at 97 to 100 %, and then at 60 %',
    usual: (random) => () => Math.min(100, 98.5 + normal(random)),
    incident: () => 60,
    alarms: 1,
    falseAlarms: 1,
  },
  {
    name: 'heavy-tailed: latencies, and then all of them fifty times as long',
    usual: (random) => () => 10 * (1 - random()) ** -0.35,
    incident: (value) => 50 * value,
    alarms: 1,
    falseAlarms: 4,
  },
  {
    name: 'drop to zero: a load that is low at night, and then none by day',
    usual: (random) => (timeMs) => 100 + 80 * wave(timeMs) + 4 * normal(random),
    incident: () => 0,
    alarms: 1,
    falseAlarms: 1,
  },
  {
    name: 'level shift: half as much again, for good',
    usual: (random) => (timeMs) => 100 + 20 * wave(timeMs) + 2 * normal(random),
    incident: (value) => 1.5 * value,
    incidentMs: 30 * HOUR,
    afterMs: 0,
    alarms: 1,
    falseAlarms: 0,
  },
  {
    name: 'daily job: twenty minutes at three every night',
    days: 8,
    usual: (random) => (timeMs) => {
      const isJob = minuteOfDay(timeMs) >= 180 && minuteOfDay(timeMs) < 200;
      return 100 + 10 * wave(timeMs) + 2 * normal(random) + (isJob ? 150 : 0);
    },
    falseAlarms: 3,
  },
  {
    name: 'an incident that comes and goes every three minutes for an hour',
    usual: (random) => (timeMs) => 100 + 20 * wave(timeMs) + 2 * normal(random),
    incident: (value, sinceMs) => (Math.floor(sinceMs / (3 * MINUTE)) % 2 === 0 ? 2 * value : value),
    incidentMs: HOUR,
    alarms: 1,
    falseAlarms: 0,
  },
  {
    name: 'noise doubling: for good, of which no single step is an alarm',
    usual: (random) => (timeMs) => 100 + 20 * wave(timeMs) + 2 * normal(random),
    incident: (value, _sinceMs, random) => value + Math.sqrt(3) * 2 * normal(random),
    incidentMs: 30 * HOUR,
    afterMs: 0,
    alarms: 0,
    falseAlarms: 1,
  },
];

for (const [i, kase] of cases.entries()) {
  const {
    name,
    metric = 'm',
    days = 5,
    usual,
    incident,
    incidentMs = 20 * MINUTE,
    afterMs = 6 * HOUR,
    alarms = 0,
    falseAlarms,
  } = kase;
  test(`default settings, ${name}`, async () => {
    const random = uniform(i + 1);
    const life = fastClock({ name: metric });
    const usually = usual(random);
    const incidentStartMs = START + days * DAY + 13 * HOUR;
    await life.pass(incidentStartMs, usually);
    const before = life.alarms(KNOWN_FROM_MS);
    if (incident !== undefined) {
      await life.pass(incidentStartMs + incidentMs, (timeMs) =>
        incident(usually(timeMs), timeMs - incidentStartMs, random),
      );
    }
    await life.pass(incidentStartMs + incidentMs + afterMs, usually);
    life.engine.stop();
    const during = life.alarms(incidentStartMs);
    const show = (alarms: typeof before) =>
      alarms.map(({ fromMs, toMs }) => `${((fromMs - START) / DAY).toFixed(3)} for ${(toMs - fromMs) / MINUTE} min`);
    if (process.env.SHOW) console.log(name, '| before', show(before), '| during', show(during));
    assert.ok(before.length <= falseAlarms, `false alarms: ${show(before)}`);
    assert.equal(during.length, alarms, `${show(during)}`);
  });
}
