import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { parseConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { DAY, HOUR } from '../../fixtures.js';

/*
 * A job that comes every week or every month adds to the load of a server, or is all there is of it. A week's Fourier terms cannot
 * draw it, and a month is longer than the history. It is to be usual after its second or third time.
 */

const STEP_MS = HOUR / 12;
const START_MS = Date.parse('2026-01-05T00:00Z');
/** A server is known by then. */
const FIRST_DAY = 8;
const LOAD = 60;
const JOB_MS = 2 * HOUR;

/** What it is without the job: a wave of a day, or nothing. */
const BASES = {
  busy: (timeMs: number, i: number) => 50 + 20 * Math.sin((2 * Math.PI * timeMs) / DAY) + 3 * Math.sin(i * 12.9898),
  resting: () => 0,
};

interface Job {
  readonly beginsMs: readonly number[];
  readonly lengthMs: number;
}

/** Under default settings there is about one false alarm a week, of a few minutes. */
const MAX_OTHERS = 6;

/** In which of its times the job alarms, and how many alarming steps there are beside them. */
function alarmsOf(base: keyof typeof BASES, { beginsMs, lengthMs }: Job) {
  const endMs = beginsMs.at(-1)! + DAY;
  const timesMs = Float64Array.from({ length: (endMs - START_MS) / STEP_MS }, (_, i) => START_MS + i * STEP_MS);
  const jobAt = (timeMs: number, slackMs: number) =>
    beginsMs.findIndex((beginMs) => timeMs >= beginMs - slackMs && timeMs < beginMs + lengthMs + slackMs);
  const values = timesMs.map((timeMs, i) => {
    const load = jobAt(timeMs, 0) < 0 ? 0 : LOAD + 3 * Math.sin(i * 78.233);
    return BASES[base](timeMs, i) + load;
  });
  const [rule] = parseConfig('rules: [{ name: a, match: [up], refit_interval: 6h }]', '.').rules;
  const settings = settingsAtStep(rule!.settings, STEP_MS);
  const { scores } = replay({ timesMs, values }, makeLabels({ __name__: 'm' }), { ...rule!, settings });
  const steps = beginsMs.map(() => 0);
  let others = 0;
  scores.forEach((score, i) => {
    const job = jobAt(timesMs[i]!, 0);
    if (score > 1 && job < 0) others++;
    else if (score > 1) steps[job]!++;
  });
  return { alarms: steps.map((count) => count > 0), others };
}

const weekly = (times: number) =>
  Array.from({ length: times }, (_, week) => START_MS + (FIRST_DAY + 7 * week) * DAY + 3 * HOUR);
const monthly = (day: number) => [2, 3, 4, 5].map((month) => Date.UTC(2026, month - 1, day, 3));

const cases: [name: string, base: keyof typeof BASES, job: Job, notified: number][] = [
  ['a weekly job of 30 minutes on a busy server', 'busy', { beginsMs: weekly(6), lengthMs: HOUR / 2 }, 3],
  ['a weekly job of 2 hours on a busy server', 'busy', { beginsMs: weekly(6), lengthMs: JOB_MS }, 3],
  ['a weekly job of 30 minutes that is all there is', 'resting', { beginsMs: weekly(6), lengthMs: HOUR / 2 }, 3],
  ['a weekly job of 2 hours that is all there is', 'resting', { beginsMs: weekly(6), lengthMs: JOB_MS }, 3],
  ['a job on the first of four months', 'busy', { beginsMs: monthly(1), lengthMs: JOB_MS }, 2],
  // Day 0 is the last one of the month before.
  ['a job on the last day of four months', 'busy', { beginsMs: monthly(0), lengthMs: JOB_MS }, 2],
  ['a monthly job that is all there is', 'resting', { beginsMs: monthly(1), lengthMs: JOB_MS }, 2],
];
for (const [name, base, job, notified] of cases) {
  test(`${name} alarms ${notified} times, and hardly anything else does`, () => {
    const { alarms, others } = alarmsOf(base, job);
    assert.deepEqual(
      alarms,
      job.beginsMs.map((_, i) => i < notified),
    );
    assert.ok(others <= MAX_OTHERS, `${others} other steps`);
  });
}
