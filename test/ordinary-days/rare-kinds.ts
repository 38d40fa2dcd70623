import { DAY, Draw, HOUR, type Instance, lengthText, MINUTE, MONDAY, type Outcome } from './instance.js';
import { round, trafficOf } from './loads.js';
import { Verdict } from './verdict.js';

const FINE_STEPS = [MINUTE, MINUTE, MINUTE, 5 * MINUTE, 10_000];

/** 0 but for singles, and then a burst, or five times as many of them. */
export function rareEvents(seed: number): Instance {
  const draw = new Draw(seed, FINE_STEPS);
  const { stepMs } = draw;
  const share = draw.scale(0.0005, 0.02);
  const isCounter = draw.uniform() < 0.4;
  const isBurst = draw.uniform() < 0.6;
  const fromMs = draw.at(draw.between(0, 24));
  const lengthMs = draw.steps(isBurst ? Math.max(6 * stepMs, draw.scale(10 * MINUTE, 2 * HOUR)) : 2 * DAY);
  const toMs = fromMs + lengthMs;
  const height = draw.scale(8, 40);
  const more = draw.uniform() < 0.5 ? 0.3 : 0;
  let total = 0;
  const samples = draw.series(toMs + 2 * HOUR, (t) => {
    const isOn = t >= fromMs && t < toMs;
    const count =
      isOn && isBurst ? draw.poisson(height) : draw.uniform() < share * (isOn ? 5 : 1) ? 1 + draw.poisson(more) : 0;
    total += count;
    return isCounter ? total : count;
  });
  // Three have been seen, with some luck.
  const knownMs = Math.max(MONDAY + 4 * DAY, MONDAY + (fromMs - MONDAY) / 3, MONDAY + (5 * stepMs) / share);
  const verdict = (outcome: Outcome) => {
    const wanted = new Verdict(outcome, stepMs).quiet('before', Math.min(knownMs, fromMs), fromMs);
    if (isBurst) return wanted.lasting('burst', fromMs, toMs, 0.85).faults;
    // Some 12 events of the raised rate tell it from the usual one.
    const foundMs = fromMs + Math.max(2 * HOUR, (12 * stepMs) / (5 * share));
    if (foundMs >= toMs) return wanted.faults;
    return wanted.found('rate', fromMs, foundMs).lasting('rate', foundMs, toMs, 0.5).faults;
  };
  const what = isBurst ? `burst of ${height.toFixed(0)} for ${lengthText(lengthMs)}` : 'five times the rate';
  const text = `${(100 * share).toFixed(2)} % of steps, ${isCounter ? 'counter' : 'gauge'}, more ${more}; ${what}; step ${lengthText(stepMs)}`;
  return { kind: 'rare events', text, metric: isCounter ? 'errors_total' : 'errors', stepMs, samples, verdict };
}

type Fault = 'late' | 'long' | 'missing';

/** At rest but for a job a day, which then starts late, runs long or does not come. */
export function batchJob(seed: number): Instance {
  const draw = new Draw(seed, [MINUTE, MINUTE, 5 * MINUTE]);
  const { stepMs } = draw;
  const startMs = draw.steps(draw.between(0.5, 21) * HOUR);
  const usualMs = draw.scale(Math.max(10 * MINUTE, 3 * stepMs), 90 * MINUTE);
  const height = draw.scale(5, 500);
  const rest = draw.pick([0, 0, 1, 0.02 * height]);
  const restNoise = rest < 1 ? rest : 0;
  const fault = draw.pick<Fault>(['late', 'long', 'missing']);
  const dayMs = draw.at(0);
  const shape = jobShape(draw, fault, dayMs, startMs, usualMs);
  const samples = draw.series(dayMs + DAY, (t) =>
    shape.isOn(t) ? round(height * (1 + 0.1 * draw.normal()), 1) : round(rest + 0.2 * restNoise * draw.normal(), 2),
  );
  const verdict = (outcome: Outcome) =>
    shape.check(new Verdict(outcome, stepMs).quiet('before', MONDAY + 4 * DAY, dayMs));
  const text = `${fault}; at ${lengthText(startMs)} for ${lengthText(usualMs)} to ${height.toFixed(0)}; step ${lengthText(stepMs)}`;
  return { kind: 'batch job', text, metric: 'job_busy', stepMs, samples, verdict };
}

/** A daily or weekly job on top of a usual load, which then runs long or does not come. */
export function recurringJob(seed: number): Instance {
  const isWeekly = new Draw(seed + 7).uniform() < 0.4;
  const draw = new Draw(seed, isWeekly ? [5 * MINUTE] : [MINUTE, MINUTE, 5 * MINUTE]);
  const { stepMs } = draw;
  const load = trafficOf(draw);
  const startMs = draw.steps(draw.between(0.5, 21) * HOUR);
  const usualMs = draw.scale(Math.max(15 * MINUTE, 3 * stepMs), 90 * MINUTE);
  const factor = draw.between(2, 4);
  const fault = draw.pick<Fault>(['long', 'missing']);
  const everyMs = isWeekly ? 7 * DAY : DAY;
  const dayMs = isWeekly ? MONDAY + 5 * 7 * DAY + 2 * DAY : draw.at(0);
  const shape = jobShape(draw, fault, dayMs, startMs, usualMs, everyMs);
  const samples = draw.series(dayMs + DAY, (t) => load.valueAt(t, shape.isOn(t) ? factor : 1));
  // Three have been seen.
  const knownMs = dayMs - (isWeekly ? 2 : Math.floor((dayMs - MONDAY) / DAY) - 4) * everyMs;
  const verdict = (outcome: Outcome) => shape.check(new Verdict(outcome, stepMs).quiet('before', knownMs, dayMs));
  const text = `${isWeekly ? 'weekly' : 'daily'}, ${fault}; at ${lengthText(startMs)} for ${lengthText(usualMs)} ×${factor.toFixed(1)}; ${load.text}`;
  return { kind: 'recurring job', text, metric: load.metric, stepMs, samples, verdict };
}

/** When a job runs, and what has to be said of the run on the day of the fault. */
function jobShape(draw: Draw, fault: Fault, dayMs: number, startMs: number, usualMs: number, everyMs = DAY) {
  const { stepMs } = draw;
  const lateMs = Math.max(1.5 * usualMs, draw.between(HOUR, 2 * HOUR));
  const times = draw.between(2, 4);
  const runs = new Map<number, readonly [number, number]>();
  const run = (day: number): readonly [number, number] => {
    const known = runs.get(day);
    if (known !== undefined) return known;
    let from = day + startMs + draw.between(-2, 2) * MINUTE;
    let length = usualMs * draw.between(0.9, 1.1);
    if ((dayMs - day) % everyMs !== 0) length = 0;
    else if (day === dayMs && fault === 'late') from += lateMs;
    else if (day === dayMs && fault === 'long') length *= times;
    else if (day === dayMs) length = 0;
    const made = [from, from + length] as const;
    runs.set(day, made);
    return made;
  };
  const slackMs = Math.max(20 * MINUTE, 3 * stepMs);
  return {
    isOn: (timeMs: number) => {
      const [from, to] = run(Math.floor(timeMs / DAY) * DAY);
      return timeMs >= from && timeMs < to;
    },
    check: (wanted: Verdict): string[] => {
      const dueMs = dayMs + startMs;
      if (fault === 'long')
        wanted.found('long', dueMs + usualMs, Math.min(dueMs + times * usualMs, dueMs + 1.5 * usualMs + slackMs));
      // A run that is not there is known to be late after some share of its length.
      else wanted.found(fault, dueMs, dueMs + 0.5 * usualMs + slackMs);
      return wanted.faults;
    },
  };
}
