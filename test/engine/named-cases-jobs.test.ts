import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, Draw, daily, HOUR, type Instance, MINUTE, MONDAY } from '../ordinary-days/instance.js';
import { replayInstance } from '../ordinary-days/replay-instance.js';
import { Verdict } from '../ordinary-days/verdict.js';

/** A job that comes again and again on top of a load, and what is different on the last day. */
interface Case {
  readonly name: string;
  readonly stepMs: number;
  readonly load: (timeMs: number) => number;
  /** When it begins, as a time of the day, and how long it lasts. */
  readonly startMs: number;
  readonly lengthMs: number;
  readonly factor: number;
  readonly everyMs: number;
  readonly days: number;
  readonly fault: 'missing' | 'long' | 'none';
}

const cases: readonly Case[] = [
  {
    name: 'a weekly job on a day that is like the others',
    stepMs: 5 * MINUTE,
    load: (timeMs) => 300 * (1 + daily(timeMs)),
    startMs: 14 * HOUR,
    lengthMs: 40 * MINUTE,
    factor: 2.5,
    everyMs: 7 * DAY,
    days: 35,
    fault: 'missing',
  },
  {
    name: 'a daily job that nearly doubles what is otherwise flat, as if the load had two states',
    stepMs: MINUTE,
    load: () => 200,
    startMs: 18 * HOUR,
    lengthMs: 45 * MINUTE,
    factor: 2.5,
    everyMs: DAY,
    days: 13,
    fault: 'missing',
  },
  {
    name: 'a daily job that comes, half of which the season of the day has learnt',
    stepMs: 5 * MINUTE,
    load: (timeMs) => 80 * (1 + 1.5 * daily(timeMs)),
    startMs: 4.3 * HOUR,
    lengthMs: 65 * MINUTE,
    factor: 3.5,
    everyMs: DAY,
    days: 17,
    fault: 'none',
  },
  {
    name: 'a weekly job that takes no longer than it may be late',
    stepMs: 5 * MINUTE,
    load: () => 300,
    startMs: 17 * HOUR,
    lengthMs: 15 * MINUTE,
    factor: 3.2,
    everyMs: 7 * DAY,
    days: 35,
    fault: 'missing',
  },
];

function instanceOf({ name, stepMs, load, startMs, lengthMs, factor, ...rest }: Case): Instance {
  const { everyMs, days, fault } = rest;
  const draw = new Draw(7, [stepMs]);
  const noise = draw.autoregressive(0.5);
  const lastMs = MONDAY + days * DAY;
  const isOn = (timeMs: number) => {
    const day = Math.floor((timeMs - MONDAY) / DAY);
    const isLast = day === days;
    const times = isLast && fault === 'missing' ? 0 : isLast && fault === 'long' ? 3 : 1;
    const jitterMs = ((day % 5) - 2) * MINUTE;
    const sinceMs = (timeMs % DAY) - startMs - jitterMs;
    return (lastMs - MONDAY - day * DAY) % everyMs === 0 && sinceMs >= 0 && sinceMs < times * lengthMs;
  };
  const samples = draw.series(
    lastMs + DAY,
    (timeMs) => load(timeMs) * (isOn(timeMs) ? factor : 1) * (1 + 0.02 * noise()),
  );
  const dueMs = lastMs + startMs;
  const foundFromMs = fault === 'long' ? dueMs + lengthMs : dueMs;
  const foundToMs = dueMs + (fault === 'long' ? 1.5 : 0.5) * lengthMs + 20 * MINUTE;
  return {
    kind: 'job',
    text: name,
    metric: 'load',
    stepMs,
    samples,
    verdict: (outcome) => {
      const wanted = new Verdict(outcome, stepMs).quiet('before', lastMs - 2 * everyMs, lastMs);
      if (fault === 'none') return wanted.silent('on the day', lastMs, lastMs + DAY).faults;
      return wanted.found(fault, foundFromMs, foundToMs).faults;
    },
  };
}

for (const each of cases) {
  test(`default settings, ${each.fault === 'none' ? 'no alarm of' : each.fault}: ${each.name}`, () => {
    const instance = instanceOf(each);
    assert.deepEqual(instance.verdict(replayInstance(instance)), []);
  });
}
