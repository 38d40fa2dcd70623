import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Detector, type ScoredStep } from '#src/detect/score/detector.js';
import { DISTANCE, LEVEL, PENDING } from '#src/detect/score/detector-layout.js';
import type { AnomalySettings, BySide } from '#src/model/settings/settings.js';
import { DAY, MINUTE, SECOND } from '../../fixtures.js';

const BOTH_0 = { up: 0, down: 0 };
const plain: AnomalySettings = {
  direction: 'both',
  minDeviation: BOTH_0,
  minRelativeDeviation: BOTH_0,
  falseAlarmsPerWeek: 1,
};
const PLAIN_STEP = { also: undefined, isUsual: false, isNew: false };
const DAY_STEPS = DAY / MINUTE;

/** Numbers in [0, 1) that are the same at every run (mulberry32). */
function uniform(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A detector that has seen so many steps of `noise` around a forecast of `yhat` with σ `sigma`. */
function experienced(
  noise: (step: number) => number,
  { yhat = 0, sigma = 1, steps = 4 * DAY_STEPS, stepMs = MINUTE } = {},
) {
  const detector = new Detector();
  let timeMs = 0;
  let before = Number.NaN;
  const score = (value: number, settings = plain) => {
    timeMs += stepMs;
    const score = detector.next({ value, before, yhat, sigma, timeMs, stepMs, ...PLAIN_STEP }, settings);
    detector.learnFirst(stepMs);
    before = value;
    return score;
  };
  const scores = Array.from({ length: steps }, (_, step) => score(yhat + noise(step)));
  return { detector, score, alarms: scores.slice(DAY_STEPS).filter((each) => each > 1).length };
}

/** A kind of series: what it does on usual days, and what is, and is not, an incident for it. */
const KINDS: {
  name: string;
  noise: (random: () => number) => (step: number) => number;
  sigma: number;
  incident: number;
  usual: number;
}[] = [
  { name: 'noisy', noise: (random) => () => normal(random), sigma: 1, incident: 12, usual: 3 },
  {
    name: 'σ told ten times too small',
    noise: (random) => () => 10 * normal(random),
    sigma: 1,
    incident: 120,
    usual: 30,
  },
  {
    name: 'σ told ten times too large',
    noise: (random) => () => 0.1 * normal(random),
    sigma: 1,
    incident: 1.2,
    usual: 0.3,
  },
  { name: 'near-constant', noise: () => () => 0, sigma: 1e-9, incident: 1, usual: 0 },
  { name: 'sparse', noise: (random) => () => (random() < 0.02 ? 50 : 0), sigma: 7, incident: 500, usual: 50 },
  {
    name: 'on/off',
    noise: () => (step) => (Math.floor(step / 30) % 2 === 0 ? 50 : -50),
    sigma: 50,
    incident: 600,
    usual: 50,
  },
  { name: 'heavy-tailed', noise: (random) => () => (1 - random()) ** -0.4 - 1, sigma: 1, incident: 300, usual: 8 },
  { name: 'bounded above', noise: (random) => () => -Math.abs(normal(random)), sigma: 1, incident: -15, usual: -3 },
];

for (const { name, noise, sigma, incident, usual } of KINDS) {
  test(`Detector tells an incident from a usual day of a ${name} series`, () => {
    const { score, alarms } = experienced(noise(uniform(1)), { sigma });
    assert.ok(alarms <= 4, `${alarms} alarms in three usual days, one to get to know it gone`);
    const usualScore = score(usual);
    assert.ok(usualScore <= 1, `a usual value scores ${usualScore}`);
    const incidentScore = score(incident);
    assert.ok(incidentScore > 1, `an incident scores ${incidentScore}`);
  });
}

test('Detector sees a drop to zero of a series far from it', () => {
  const random = uniform(2);
  const { score } = experienced(() => 3 * normal(random), { yhat: 100, sigma: 3 });
  assert.ok(score(0) > 1);
});

test('Detector gives a value on yhat what steps scored on average lately, and one far off a finite score', () => {
  const random = uniform(3);
  const { score } = experienced(() => normal(random));
  score(0.1);
  const calm = score(0);
  assert.ok(calm > 0.1 && calm < 0.2, `of a usual noise ${calm}`);
  for (let i = 0; i < DAY_STEPS; i++) score(0);
  assert.ok(score(0) < 0.01);
  assert.ok(Number.isFinite(score(1e300)));
});

test('Detector does not take an hour of high steps for over at the first usual one', () => {
  const random = uniform(12);
  const { score } = experienced(() => normal(random));
  score(0);
  const before = score(0);
  for (let i = 0; i < 60; i++) score(3);
  const after = score(0);
  assert.ok(after > before + 0.05 && after < 1, `${before}, then ${after}`);
});

test('Detector ranks steps by the levels of weeks, whatever decides now that they are alarms', () => {
  const random = uniform(13);
  let size = 1;
  const { score } = experienced(() => size * normal(random), { steps: 14 * DAY_STEPS });
  const [calm, unusual] = [score(3), score(7)];
  // Two days of three times the noise: what was an alarm is none, but as high as it was.
  size = 3;
  for (let i = 0; i < 2 * DAY_STEPS; i++) score(size * normal(random));
  const [later, laterUnusual] = [score(3), score(7)];
  assert.ok(unusual > 1 && laterUnusual < 1, `${unusual} then ${laterUnusual}`);
  assert.ok(later > 0.75 * calm, `${calm} then ${later}`);
});

test('Detector comes back from a value however far off', () => {
  const random = uniform(9);
  const { score } = experienced(() => normal(random));
  assert.ok(score(-1e300) > 1);
  const after = Array.from({ length: 300 }, () => score(normal(random)));
  assert.ok(after.slice(100).every((each) => each < 1) && after.at(-1)! < 0.9, `${after.at(-1)}`);
  assert.ok(score(40) > 1);
});

test('Detector finds a series near where it has drifted in the last hours as near as one at yhat', () => {
  const random = uniform(10);
  const { detector, score } = experienced(() => normal(random));
  for (let i = 0; i < DAY_STEPS; i++) score(3 + 0.1 * normal(random));
  const distance = (value: number) => detector.distanceScore(value, 0, 1, plain);
  assert.ok(distance(3) < 0.2 && distance(-3) > 0.5, `${distance(3)} and ${distance(-3)}`);
  assert.equal(distance(0), 0);
});

test('Detector ranks higher alarms higher while they fade', () => {
  const [slight, great] = [30, 300].map((height) => {
    const random = uniform(11);
    const { score } = experienced(() => normal(random));
    score(height);
    return score(0);
  });
  assert.ok(slight! < great! && great! < 1, `${slight} and ${great}`);
});

test('Detector gives what is no number no score, and learns nothing from it', () => {
  const random = uniform(4);
  const { detector, score } = experienced(() => normal(random));
  const before = detector.state.slice();
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) assert.equal(score(value), Number.NaN);
  const unknown = { value: 1, before: 1, yhat: Number.NaN, sigma: 1, timeMs: 0, stepMs: MINUTE, ...PLAIN_STEP };
  assert.equal(detector.next(unknown, plain), Number.NaN);
  assert.deepEqual(detector.state, before);
});

test('Detector falls below 1 as soon as an incident is over, and then by half every five steps', () => {
  const random = uniform(5);
  const { score } = experienced(() => normal(random));
  for (let i = 0; i < 10; i++) assert.ok(score(40) > 1);
  const after = Array.from({ length: 30 }, () => score(0));
  assert.ok(
    after.every((each) => each < 1),
    `${after}`,
  );
  assert.ok(Math.abs(after[20]! / after[15]! - 0.5) < 1e-6, `${after[15]} then ${after[20]}`);
});

test('Detector does not take usual values on the side of an incident that is over for a part of it', () => {
  const noise = (step: number) => Math.sin(step * 12.9898) + Math.cos(step * 78.233);
  // Of 40 beginnings of the incident, because it depends on the noise that follows.
  const alarms = Array.from({ length: 40 }, (_, start) => {
    const { score } = experienced(noise, { stepMs: 5 * MINUTE, steps: 900 + start });
    for (let i = 0; i < 6; i++) assert.ok(score(-10) > 1);
    return Array.from({ length: 12 }, (_, i) => score(noise(906 + start + i))).filter((each) => each > 1).length;
  });
  assert.deepEqual(alarms, Array<number>(40).fill(0));
});

test('Detector ends an incident after five usual steps since its last rare one, whatever goes half as far between them', () => {
  /** In which of sixty minutes after an incident of 7 σ every fourth one of so many σ is in alarm. */
  const alarmedAfter = (value: number) => {
    const random = uniform(8);
    const { detector, score } = experienced(() => normal(random));
    for (let i = 0; i < 6; i++) assert.ok(score(7) > 1);
    assert.ok(detector.distanceScore(value, 0, 1, plain) < 1);
    const after = Array.from({ length: 60 }, (_, i) => score(i % 4 === 1 ? value : 0) > 1);
    return after.flatMap((isAlarm, i) => (isAlarm ? [i] : []));
  };
  assert.deepEqual(alarmedAfter(3.7), [1, 5]);
  // Noise goes a third as far by itself.
  assert.deepEqual(alarmedAfter(2.5), []);
});

test('Detector is silent in the step in which a series is back that was in alarm for what another detector found', () => {
  const random = uniform(9);
  // It strays by more than that, and slowly.
  const { detector, score } = experienced((step) => 2 * Math.sin(step / 200) + 0.01 * normal(random));
  let timeMs = 4 * DAY;
  const next = (step: Partial<ScoredStep>) => {
    timeMs += MINUTE;
    const usual = { ...PLAIN_STEP, value: -1.5, before: -1.5, yhat: 0, sigma: 1, timeMs, stepMs: MINUTE };
    return detector.next({ ...usual, ...step }, plain);
  };
  // It went there unnoticed.
  for (let i = 0; i < 10; i++) next({ isUsual: true });
  for (let i = 0; i < 60; i++) assert.ok(next({ also: 'value' }) > 1);
  assert.ok(next({ value: 0.01 }) < 1);
  assert.ok(score(-1.5) > 1, 'the same change away from yhat is an alarm');
});

test('Detector does not take the end of a spike for a reset', () => {
  const random = uniform(7);
  const { detector } = experienced((step) => (step % 200 === 50 ? 60 : normal(random)));
  assert.equal(detector.resetsFrom(4 * DAY), 0);
  const { detector: leaking } = experienced((step) => (step % 200) / 4 + 0.1 * normal(random));
  assert.equal(leaking.resetsFrom(4 * DAY), 1);
});

test('Detector finds what lasts for minutes at steps of ten seconds, though no step of it is rare alone', () => {
  const random = uniform(1);
  let around = 0;
  const noise = () => {
    around = 0.5 * around + Math.sqrt(0.75) * normal(random);
    return around;
  };
  const { detector, score } = experienced(noise, { stepMs: 10 * SECOND, steps: (2 * DAY) / (10 * SECOND) });
  assert.ok(detector.distanceScore(3.5, 0, 1, plain) < 1);
  // It comes within ten steps, so that it does not jump either.
  const scores = Array.from({ length: 60 }, (_, i) => score(3 * Math.min(1, (i + 1) / 10) + 0.1 * noise()));
  const alarmed = scores.filter((each) => each > 1).length;
  assert.ok(alarmed >= 40, `${alarmed} of 60 steps in alarm`);
});

test('Detector does not learn an incident of an hour', () => {
  const random = uniform(6);
  const { detector, score } = experienced(() => normal(random));
  const alone = detector.distanceScore(20, 0, 1, plain);
  for (let i = 0; i < 60; i++) score(20);
  assert.ok(detector.distanceScore(20, 0, 1, plain) > 1, `after it; ${alone} before`);
});

test('Detector counts only the side and the size that were asked for', () => {
  // direction, least deviation, least relative deviation, value, whether it is an alarm
  const cases: [AnomalySettings['direction'], number | BySide, number | BySide, number, boolean][] = [
    ['both', 0, 0, 130, true],
    ['both', 0, 0, 70, true],
    ['up', 0, 0, 70, false],
    ['down', 0, 0, 130, false],
    ['down', 0, 0, 70, true],
    ['both', 40, 0, 130, false],
    ['both', 20, 0, 130, true],
    ['both', 0, 0.4, 130, false],
    ['both', 0, 0.2, 130, true],
    ['both', { up: 40, down: 20 }, 0, 130, false],
    ['both', { up: 40, down: 20 }, 0, 70, true],
    ['both', 0, { up: 0.2, down: 0.4 }, 130, true],
    ['both', 0, { up: 0.2, down: 0.4 }, 70, false],
  ];
  for (const [direction, minDeviation, minRelativeDeviation, value, want] of cases) {
    const random = uniform(7);
    const { score } = experienced(() => normal(random), { yhat: 100 });
    const bySide = (least: number | BySide) => (typeof least === 'number' ? { up: least, down: least } : least);
    const settings = {
      ...plain,
      direction,
      minDeviation: bySide(minDeviation),
      minRelativeDeviation: bySide(minRelativeDeviation),
    };
    assert.equal(score(value, settings) > 1, want, JSON.stringify({ ...settings, value }));
  }
});

test("Detector's state is all there is to it", () => {
  const random = uniform(8);
  const { detector } = experienced(() => normal(random), { steps: 500 });
  assert.ok(detector.state.byteLength <= 1400);
  const restored = new Detector(detector.state.slice());
  for (let i = 0; i < 100; i++) {
    const value = 3 * normal(random);
    const step = { value, before: 0, yhat: 0, sigma: 1, timeMs: i * MINUTE, stepMs: MINUTE, ...PLAIN_STEP };
    assert.equal(restored.next(step, plain), detector.next(step, plain));
  }
});

test('how many false alarms are bearable moves the thresholds at once, and what is learnt stays the same', () => {
  const random = uniform(9);
  const { detector } = experienced(() => normal(random), { steps: 3000 });
  const scoreOf = (value: number, falseAlarmsPerWeek: number) => {
    const one = new Detector(detector.state.slice());
    const step = { value, before: 0, yhat: 0, sigma: 1, timeMs: 0, stepMs: MINUTE, ...PLAIN_STEP };
    return one.next(step, { ...plain, falseAlarmsPerWeek });
  };
  const lowestAlarm = (falseAlarmsPerWeek: number) =>
    Array.from({ length: 2000 }, (_, i) => i / 20).find((value) => scoreOf(value, falseAlarmsPerWeek) > 1)!;
  const [rare, usual, often] = [0.1, 1, 7].map(lowestAlarm) as [number, number, number];
  assert.ok(often < 0.85 * usual && usual < 0.85 * rare, `${often} < ${usual} < ${rare}`);
  assert.ok(detector.distanceScore(usual, 0, 1, { ...plain, falseAlarmsPerWeek: 7 }) > 1);
  assert.ok(detector.distanceScore(often, 0, 1, { ...plain, falseAlarmsPerWeek: 0.1 }) < 1);
  const learntBy = (falseAlarmsPerWeek: number) => {
    const one = new Detector(detector.state.slice());
    for (const each of [0.3, -0.2, 0.1, 0.5, -1]) {
      const step = { value: each, before: 0, yhat: 0, sigma: 1, timeMs: 0, stepMs: MINUTE, ...PLAIN_STEP };
      one.next(step, { ...plain, falseAlarmsPerWeek });
    }
    return [...one.state.subarray(DISTANCE, PENDING)];
  };
  assert.deepEqual(learntBy(0.1), learntBy(7));
});

test('where the calendar moves what is expected, a series has jumped neither if it stays nor if it follows', () => {
  // Far from yhat for hours, and never by jumps.
  const wave = (step: number) => 10 * Math.sin((2 * Math.PI * step) / 600) + Math.sin(step * 12.9898);
  const scoreOf = (value: number, moved: number | undefined) => {
    const { detector, score } = experienced(wave);
    for (let step = 0; step < 10; step++) score(4);
    const step = { value, before: 4, yhat: 8, sigma: 1, timeMs: 5 * DAY, stepMs: MINUTE, ...PLAIN_STEP };
    return detector.next({ ...step, ...(moved !== undefined && { moved }) }, plain);
  };
  assert.ok(scoreOf(4, undefined) > 1, 'nothing says that yhat moved');
  assert.ok(scoreOf(4, 8) <= 1, 'it stays');
  assert.ok(scoreOf(12, 8) <= 1, 'it follows');
  assert.ok(scoreOf(20, 8) > 1, 'it goes further');
});

test('where a sensor was stuck, a little off, says nothing of the steps in which it moves again', () => {
  const random = uniform(3);
  const { detector } = experienced(() => normal(random));
  let timeMs = 4 * DAY;
  const step = (value: number, before: number, also: 'stuck' | undefined) => {
    timeMs += MINUTE;
    return detector.next({ ...PLAIN_STEP, value, before, yhat: 0, sigma: 1, timeMs, stepMs: MINUTE, also }, plain);
  };
  for (let i = 0; i < 120; i++) assert.ok(step(2.5, 2.5, 'stuck') > 1);
  const after = [2.1, -0.5, 1.9, 0.3, 2.2, 0.1];
  const scores = after.map((value, i) => step(value, after[i - 1] ?? 2.5, undefined));
  assert.ok(
    scores.every((score) => score < 1),
    `${scores}`,
  );
});

test('of a series that is at the level of another forecast it is not known whether it has just jumped', () => {
  const random = uniform(11);
  // Smooth: it strays by σ, and never jumps by that.
  const smooth = (step: number) => Math.sin(step / 40) + 0.01 * normal(random);
  const scoreAfter = (offSigmas?: number) => {
    const { detector, score } = experienced(smooth);
    detector.levelMoved(1, offSigmas);
    return { first: score(1), level: detector.state[LEVEL]! };
  };
  assert.ok(scoreAfter().first > 1, 'known to be at yhat');
  const { first, level } = scoreAfter(Number.NaN);
  assert.ok(first < 1, String(first));
  assert.ok(Math.abs(level - 1) < 0.01, `known from then on, and not ${level}`);
});
