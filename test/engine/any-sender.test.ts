import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { HOUR, SECOND } from '../fixtures.js';
import { fastClock, normal, settle, uniform } from './fast-clock.js';
import { MINUTE, START } from './fixture.js';

/** One sample on its way: its timestamp, and when it arrives. */
interface Arrival {
  readonly timeMs: number;
  readonly arrivesMs: number;
}

/** Samples every `everyMs`, each as late as `latenessMs` says. */
function samples(everyMs: number, latenessMs: (timeMs: number, random: () => number) => number): Arrival[] {
  const random = uniform(7);
  const all: Arrival[] = [];
  for (let timeMs = START + everyMs / 3; timeMs < START + DURATION; timeMs += everyMs) {
    all.push({ timeMs, arrivesMs: timeMs + latenessMs(timeMs, random) });
  }
  return all.sort((a, b) => a.arrivesMs - b.arrivesMs);
}

/** An incident of 40 minutes after 15 hours; the end of the run. */
const INCIDENT = START + 15 * HOUR;
const INCIDENT_END = INCIDENT + 40 * MINUTE;
const DURATION = 18 * HOUR;
/** By then the way in which the samples come is learnt. */
const SETTLED = START + 6 * HOUR;

/** Sends `arrivals` of a series around 100, in an incident around 200, at their times. */
async function run(t: TestContext, arrivals: readonly Arrival[], rule = 'step: 1m') {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  t.after(() => mock.timers.reset());
  const engine = fastClock({ rule });
  await engine.ready;
  const random = uniform(11);
  for (let i = 0; i < arrivals.length; ) {
    const atMs = arrivals[i]!.arrivesMs;
    while (Date.now() < atMs) {
      mock.timers.tick(Math.min(MINUTE / 2, atMs - Date.now()));
      await settle();
    }
    for (; i < arrivals.length && arrivals[i]!.arrivesMs <= atMs; i++) {
      const { timeMs } = arrivals[i]!;
      const isBad = timeMs >= INCIDENT && timeMs < INCIDENT_END;
      engine.append(timeMs, (isBad ? 200 : 100) + normal(random));
    }
  }
  const written = engine.writer.written.filter(({ timeMs }) => timeMs >= SETTLED);
  const scores = written.filter(({ name }) => name === 'm_anomaly_score');
  return {
    ...engine,
    scores,
    ended: written.filter(({ name, value }) => value === 'stale' && !name.includes('_anomaly_kind')),
    missing: written.filter(({ name }) => name.startsWith('sentio_series_missing')),
  };
}

const COMING: [what: string, everyMs: number, latenessMs: (timeMs: number, random: () => number) => number][] = [
  ['5 s late', 15 * SECOND, () => 5 * SECOND],
  ['45 s late', 15 * SECOND, () => 45 * SECOND],
  ['75 s late', 15 * SECOND, () => 75 * SECOND],
  ['2 m late', 15 * SECOND, () => 2 * MINUTE],
  ['5 m late', MINUTE, () => 5 * MINUTE],
  ['10 m late', MINUTE, () => 10 * MINUTE],
  ['30 m late', MINUTE, () => 30 * MINUTE],
  ['an hour late', MINUTE, () => HOUR],
  ['late by up to 4 m', 15 * SECOND, (_, random) => 4 * MINUTE * random()],
  ['late by 5 m to 15 m', MINUTE, (_, random) => (5 + 10 * random()) * MINUTE],
  ['sent every 5 m', 15 * SECOND, (timeMs) => 5 * MINUTE - (timeMs % (5 * MINUTE))],
  ['sent every 15 m', MINUTE, (timeMs) => 15 * MINUTE - (timeMs % (15 * MINUTE))],
  ['every 2 m', 2 * MINUTE, () => 0],
  ['every 5 m', 5 * MINUTE, () => SECOND],
  ['every 10 m', 10 * MINUTE, () => SECOND],
  ['every 15 m', 15 * MINUTE, () => SECOND],
  ['every 5 m, 10 m late', 5 * MINUTE, () => 10 * MINUTE],
  ['every 5 m, 3 m to 8 m late', 5 * MINUTE, (_, random) => (3 + 5 * random()) * MINUTE],
  ['every 5 m, 3 m to 13 m late', 5 * MINUTE, (_, random) => (3 + 10 * random()) * MINUTE],
  ['every 5 m, up to 20 m late', 5 * MINUTE, (_, random) => 20 * MINUTE * random()],
  ['1 m or 9 m late', MINUTE, (_, random) => (random() < 0.5 ? 1 : 9) * MINUTE],
  ['on time or 4 m late', 15 * SECOND, (_, random) => (random() < 0.9 ? 0 : 4) * MINUTE],
  ['two at a time every 10 m', 5 * MINUTE, (timeMs) => 10 * MINUTE - (timeMs % (10 * MINUTE))],
];

for (const [what, everyMs, latenessMs] of COMING) {
  test(`a series that comes ${what} is there all the time, and its incident is found`, async (t) => {
    const arrivals = samples(everyMs, latenessMs);
    const { scores, ended, missing, alarms } = await run(t, arrivals);
    assert.deepEqual([missing, ended], [[], []]);
    const minutes = (Date.now() - SETTLED) / MINUTE;
    // PromQL looks back five minutes, so one minute without a score is no gap.
    assert.ok(scores.length > 0.9 * minutes, `${scores.length} scores in ${minutes} minutes`);
    const [incident, ...others] = alarms(SETTLED);
    assert.deepEqual(others, []);
    const latestMs = Math.max(...arrivals.map(({ timeMs, arrivesMs }) => arrivesMs - timeMs));
    const waitMs = latestMs + everyMs + 3 * MINUTE;
    assert.ok(incident!.fromMs >= INCIDENT && incident!.fromMs <= INCIDENT + waitMs, `${incident!.fromMs - INCIDENT}`);
    assert.ok(
      incident!.toMs >= INCIDENT_END && incident!.toMs <= INCIDENT_END + waitMs,
      `${incident!.toMs - INCIDENT_END}`,
    );
  });
}

for (const [everyMs, apartMs] of [
  [5 * MINUTE, 150 * SECOND],
  [5 * MINUTE, 30 * SECOND],
  [2 * MINUTE, 100 * SECOND],
] as const) {
  test(`a pair scraped every ${everyMs / MINUTE} m, ${apartMs / SECOND} s apart, is there while one of them lives, and not after`, async (t) => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
    t.after(() => mock.timers.reset());
    const { ready, appendTo, writer } = fastClock({ externalLabels: ['replica'] });
    await ready;
    const random = uniform(3);
    const pass = async (untilMs: number) => {
      for (; Date.now() < untilMs; await settle()) mock.timers.tick(Math.min(MINUTE / 2, untilMs - Date.now()));
    };
    /** Replica a until `diesMs`, b all the time. */
    const send = async (fromMs: number, toMs: number, diesMs: number) => {
      for (let timeMs = fromMs; timeMs < toMs; timeMs += everyMs) {
        for (const [replica, atMs] of [
          ['a', timeMs],
          ['b', timeMs + apartMs],
        ] as const) {
          await pass(atMs + SECOND);
          if (replica === 'b' || atMs < diesMs) appendTo({ __name__: 'm', replica }, atMs, 100 + normal(random));
        }
      }
    };
    const ends = () => writer.take().filter(({ name, value }) => value === 'stale' || name.includes('missing'));
    await send(START + everyMs, SETTLED, SETTLED);
    writer.take();
    await send(SETTLED, SETTLED + 2 * HOUR, SETTLED + HOUR);
    assert.deepEqual(ends(), []);
    await pass(SETTLED + 3 * HOUR);
    assert.ok(ends().some(({ name }) => name === 'm_yhat'));
  });
}
