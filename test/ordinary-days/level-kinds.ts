import { DAY, Draw, HOUR, type Instance, lengthText, MINUTE, type Outcome } from './instance.js';
import { type Load, trafficOf } from './loads.js';
import { Verdict } from './verdict.js';

/** Steps that an alarm may take to begin. */
const BEGIN_STEPS = 3;

/** How long a level takes to be accepted. */
const acceptMs = (stepMs: number) => Math.max(2 * HOUR, 12 * stepMs);

/** An outage for minutes to three days, to nothing, to a share or to errors; then as before, and another one days later. */
export function outage(seed: number): Instance {
  const draw = new Draw(seed);
  const load = trafficOf(draw);
  const left = draw.pick([0, 0, 0, 0.02, 0.05, 0.3, 0.5, 'errors'] as const);
  // Of what is answered, next to nothing: a few requests a minute, whatever the hour.
  const leftAt = () => (left === 'errors' ? 0.01 + 0.01 * draw.uniform() : left);
  const fromMs = draw.at(draw.between(0, 24));
  const lengthMs = draw.steps(Math.max(3 * draw.stepMs, draw.scale(10 * MINUTE, 3 * DAY)));
  const toMs = fromMs + lengthMs;
  const next = nextOutage(draw, toMs);
  const samples = draw.series(next.toMs + 2 * HOUR, (t) =>
    load.valueAt(t, t >= fromMs && t < toMs ? leftAt() : next.factorAt(t)),
  );
  const { stepMs } = draw;
  const verdict = (outcome: Outcome) => {
    const wanted = new Verdict(outcome, stepMs).quiet('before', fromMs - 5 * DAY, fromMs);
    const isPartial = left === 0.3 || left === 0.5;
    const beginMs = Math.max(BEGIN_STEPS * stepMs, isPartial ? 30 * MINUTE : 5 * MINUTE);
    if (lengthMs > beginMs) wanted.found('begin', fromMs, fromMs + beginMs);
    const lastsMs = left === 0 ? DAY : acceptMs(stepMs);
    wanted.lasting('outage', fromMs, Math.min(toMs, fromMs + lastsMs), isPartial ? 0.8 : 0.95);
    wanted.one('outage', fromMs, Math.min(toMs, fromMs + DAY));
    // It is how things are now, with the false alarms that there always may be.
    wanted.quiet('accepted', Math.min(toMs, fromMs + DAY + stepMs), toMs);
    return checkReturn(wanted, draw, load, [fromMs, toMs], next).faults;
  };
  return instance('outage', draw, load, `to ${left} for ${lengthText(lengthMs)}`, samples, verdict);
}

/** Twice to ten times as much for hours to a day, then as before. */
export function surge(seed: number): Instance {
  const draw = new Draw(seed);
  const load = trafficOf(draw);
  const factor = draw.scale(2, 10);
  const isCalendarDay = draw.uniform() < 0.2;
  const fromMs = draw.at(isCalendarDay ? 0 : draw.between(0, 24));
  const lengthMs = isCalendarDay ? DAY : draw.steps(draw.scale(Math.max(HOUR, 4 * draw.stepMs), DAY));
  const toMs = fromMs + lengthMs;
  const next = nextOutage(draw, toMs);
  // A crowd does not come in one step.
  const rampMs = draw.pick([0, 0, Math.min(lengthMs / 4, draw.between(5, 60) * MINUTE)]);
  const factorAt = (t: number) => 1 + (factor - 1) * Math.min(1, (t - fromMs + draw.stepMs) / (rampMs + draw.stepMs));
  const samples = draw.series(next.toMs + 2 * HOUR, (t) =>
    load.valueAt(t, t >= fromMs && t < toMs ? factorAt(t) : next.factorAt(t)),
  );
  const { stepMs } = draw;
  const verdict = (outcome: Outcome) => {
    const wanted = new Verdict(outcome, stepMs).quiet('before', fromMs - 5 * DAY, fromMs);
    wanted.found('begin', fromMs, fromMs + rampMs + Math.max(BEGIN_STEPS * stepMs, 10 * MINUTE));
    wanted.lasting('surge', fromMs + rampMs, Math.min(toMs, fromMs + acceptMs(stepMs)), 0.9);
    wanted.one('surge', fromMs, toMs);
    return checkReturn(wanted, draw, load, [fromMs, toMs], next).faults;
  };
  const ramp = rampMs === 0 ? '' : `, within ${lengthText(rampMs)}`;
  return instance('surge', draw, load, `×${factor.toFixed(1)} for ${lengthText(lengthMs)}${ramp}`, samples, verdict);
}

/** A new level for good, or taken back hours to days later. */
export function deploy(seed: number): Instance {
  const draw = new Draw(seed);
  const load = trafficOf(draw);
  const factor = draw.pick([draw.between(0.3, 0.6), draw.between(1.7, 3), draw.scale(3, 10), draw.scale(0.05, 0.3)]);
  const fromMs = draw.at(draw.between(0, 24));
  const lengthMs = draw.steps(draw.scale(Math.max(3 * HOUR, 4 * draw.stepMs), 6 * DAY));
  const toMs = fromMs + lengthMs;
  const samples = draw.series(toMs + 2 * DAY, (t) => load.valueAt(t, t >= fromMs && t < toMs ? factor : 1));
  const { stepMs } = draw;
  const neededMs = acceptMs(stepMs);
  const verdict = (outcome: Outcome) => {
    const wanted = new Verdict(outcome, stepMs).quiet('before', fromMs - 5 * DAY, fromMs);
    wanted.found('begin', fromMs, fromMs + Math.max(BEGIN_STEPS * stepMs, 20 * MINUTE));
    const acceptedMs = fromMs + 1.5 * neededMs;
    if (toMs > acceptedMs) wanted.silent('accepted', acceptedMs, toMs, Math.ceil((toMs - acceptedMs) / (4 * DAY)));
    // Said or silent, but over within the time that any level takes.
    const settledMs = toMs + Math.max(3 * HOUR, 1.5 * neededMs);
    wanted.silent('after the rollback', settledMs, toMs + 2 * DAY, 1);
    wanted.asBefore('after the rollback', fromMs, settledMs, toMs + 2 * DAY, load.hasWeek);
    return wanted.faults;
  };
  const text = `×${factor.toFixed(2)}, back after ${lengthText(lengthMs)}`;
  return instance('deploy', draw, load, text, samples, verdict);
}

/** Nothing sent for hours to days. */
export function gap(seed: number): Instance {
  const draw = new Draw(seed);
  const load = trafficOf(draw);
  const fromMs = draw.at(draw.between(0, 24));
  const lengthMs = draw.steps(draw.scale(Math.max(HOUR, 2 * draw.stepMs), 4 * DAY));
  const toMs = fromMs + lengthMs;
  const next = nextOutage(draw, toMs);
  const samples = draw.series(next.toMs + 2 * HOUR, (t) => {
    const value = load.valueAt(t, next.factorAt(t));
    return t >= fromMs && t < toMs ? undefined : value;
  });
  const { stepMs } = draw;
  const verdict = (outcome: Outcome) => {
    const wanted = new Verdict(outcome, stepMs).quiet('before', fromMs - 5 * DAY, fromMs);
    return checkReturn(wanted, draw, load, [fromMs, toMs], next).faults;
  };
  return instance('gap', draw, load, `for ${lengthText(lengthMs)}`, samples, verdict);
}

interface NextOutage {
  readonly fromMs: number;
  readonly toMs: number;
  readonly factorAt: (timeMs: number) => number;
}

/** 40 minutes at 2 % at noon, two to four days later. */
function nextOutage(draw: Draw, afterMs: number): NextOutage {
  const dayMs = Math.ceil(afterMs / DAY) * DAY + Math.floor(draw.between(1, 4)) * DAY;
  const fromMs = dayMs + 12 * HOUR;
  const toMs = fromMs + draw.steps(Math.max(40 * MINUTE, 3 * draw.stepMs));
  return { fromMs, toMs, factorAt: (timeMs) => (timeMs >= fromMs && timeMs < toMs ? 0.02 : 1) };
}

/** Silent from the step of the return, which is what shows that it is one, all as before, and the next outage found in full. */
function checkReturn(
  wanted: Verdict,
  { stepMs }: Draw,
  { hasWeek }: Load,
  [fromMs, toMs]: readonly [number, number],
  next: NextOutage,
): Verdict {
  wanted.silent('return', toMs, toMs + 3 * HOUR);
  wanted.quiet('later', toMs + 3 * HOUR, next.fromMs, 2);
  wanted.asBefore('after', fromMs, toMs + stepMs, Math.min(toMs + 2 * DAY, next.fromMs), hasWeek);
  return wanted.lasting('next outage', next.fromMs, next.toMs, 0.95);
}

function instance(
  kind: string,
  { stepMs }: Draw,
  { metric, text }: Load,
  what: string,
  samples: Instance['samples'],
  verdict: Instance['verdict'],
): Instance {
  return { kind, text: `${what}; ${text}`, metric, stepMs, samples, verdict };
}
