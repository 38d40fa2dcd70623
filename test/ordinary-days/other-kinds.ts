import { DAY, Draw, daily, HOUR, type Instance, lengthText, MINUTE, MONDAY, type Outcome } from './instance.js';
import { round, trafficOf } from './loads.js';
import { Verdict } from './verdict.js';

const FINE_STEPS = [MINUTE, MINUTE, 5 * MINUTE];

/** Four times the noise for hours. */
export function noisier(seed: number): Instance {
  const draw = new Draw(seed, FINE_STEPS);
  const { stepMs } = draw;
  const base = draw.scale(20, 1000);
  const noise = draw.scale(0.01, 0.05);
  const fromMs = draw.at(draw.between(0, 24));
  const toMs = fromMs + draw.steps(draw.between(2, 10) * HOUR);
  const samples = draw.series(toMs + DAY, (t) =>
    round(base * (1 + 0.3 * daily(t) + noise * (t >= fromMs && t < toMs ? 4 : 1) * draw.normal()), 2),
  );
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs)
      .quiet('before', fromMs - 5 * DAY, fromMs)
      .found('noise', fromMs, fromMs + Math.max(30 * MINUTE, 15 * stepMs))
      .silent('return', toMs, toMs + DAY, 1).faults;
  return {
    kind: 'noise ×4',
    text: `noise ${noise.toFixed(3)}; step ${lengthText(stepMs)}`,
    metric: 'm',
    stepMs,
    samples,
    verdict,
  };
}

/** A leak that is reset every so often, and then is not. */
export function sawtooth(seed: number): Instance {
  const draw = new Draw(seed, FINE_STEPS);
  const { stepMs } = draw;
  const period = draw.pick([draw.between(4, 30) * HOUR, 24 * HOUR]);
  const base = draw.scale(100, 2000);
  const fromMs = MONDAY + Math.ceil((draw.historyDays * DAY) / period) * period;
  const samples = draw.series(fromMs + 3 * period, (t) => {
    const since = t < fromMs ? (t - MONDAY) % period : t - fromMs + period;
    return round(base * (1 + since / period) + 0.01 * base * draw.normal(), 1);
  });
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs).quiet('before', fromMs - 5 * DAY, fromMs).found('leak', fromMs, fromMs + 1.5 * period)
      .faults;
  return {
    kind: 'sawtooth',
    text: `every ${lengthText(period)}; step ${lengthText(stepMs)}`,
    metric: 'm',
    stepMs,
    samples,
    verdict,
  };
}

/** On and off by turns, and then stuck on. */
export function stuckOn(seed: number): Instance {
  const draw = new Draw(seed, FINE_STEPS);
  const { stepMs } = draw;
  const halfMs = draw.steps(draw.scale(15 * MINUTE, HOUR));
  const noise = draw.pick([0, 0.01, 0.05]);
  const fromMs = MONDAY + Math.ceil((draw.historyDays * DAY) / (2 * halfMs)) * 2 * halfMs;
  const toMs = fromMs + draw.steps(8 * HOUR);
  const samples = draw.series(toMs + DAY, (t) => {
    const isOn = (t >= fromMs && t < toMs) || Math.floor((t - MONDAY) / halfMs) % 2 === 0;
    return round((isOn ? 100 : 0) + 100 * noise * draw.normal(), 2);
  });
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs)
      .quiet('before', fromMs - 5 * DAY, fromMs)
      .found('stuck on', fromMs + halfMs, fromMs + 2 * halfMs + HOUR)
      .silent('return', toMs, toMs + DAY, 1).faults;
  return {
    kind: 'on/off stuck on',
    text: `half ${lengthText(halfMs)}, noise ${noise}; step ${lengthText(stepMs)}`,
    metric: 'm',
    stepMs,
    samples,
    verdict,
  };
}

/** A constant with a blip. */
export function constant(seed: number): Instance {
  const draw = new Draw(seed);
  const { stepMs } = draw;
  const level = draw.pick([1, 5, 3000, 0.25]);
  const blip = draw.pick([0, level + 1, 2 * level]);
  const fromMs = draw.at(draw.between(0, 24));
  const toMs = fromMs + draw.steps(Math.max(stepMs, draw.scale(MINUTE, HOUR)));
  const samples = draw.series(toMs + 2 * DAY, (t) => (t >= fromMs && t < toMs ? blip : level));
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs)
      .silent('before', MONDAY, fromMs)
      .lasting('blip', fromMs, toMs, 0.95)
      .silent('return', toMs, toMs + 2 * DAY).faults;
  return {
    kind: 'constant',
    text: `${level} to ${blip} for ${lengthText(toMs - fromMs)}; step ${lengthText(stepMs)}`,
    metric: 'm',
    stepMs,
    samples,
    verdict,
  };
}

/** The clocks change: the usual day comes an hour earlier. */
export function daylightSaving(seed: number): Instance {
  const draw = new Draw(seed);
  const { stepMs } = draw;
  const base = draw.scale(50, 1000);
  const noise = draw.scale(0.02, 0.06);
  const around = draw.autoregressive(0.5);
  const fromMs = MONDAY + Math.ceil(draw.historyDays / 7) * 7 * DAY - DAY + 2 * HOUR;
  const samples = draw.series(fromMs + 4 * DAY, (t) =>
    round(base * (1 + daily(t < fromMs ? t : t + HOUR)) * (1 + noise * around()), 1),
  );
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs).quiet('before', fromMs - 5 * DAY, fromMs).silent('after', fromMs, fromMs + 4 * DAY, 2)
      .faults;
  return {
    kind: 'DST',
    text: `noise ${noise.toFixed(3)}; step ${lengthText(stepMs)}`,
    metric: 'm',
    stepMs,
    samples,
    verdict,
  };
}

/** More every day, as a business that goes well. */
export function growth(seed: number): Instance {
  const draw = new Draw(seed);
  const { stepMs } = draw;
  const load = trafficOf(draw);
  const rate = draw.between(0.002, 0.012);
  const toMs = MONDAY + (draw.historyDays + 10) * DAY;
  const samples = draw.series(toMs, (t) => load.valueAt(t, (1 + rate) ** ((t - MONDAY) / DAY)));
  const verdict = (outcome: Outcome) => new Verdict(outcome, stepMs).quiet('growth', MONDAY + 3 * DAY, toMs).faults;
  return {
    kind: 'growth',
    text: `${(100 * rate).toFixed(1)} % a day; ${load.text}`,
    metric: load.metric,
    stepMs,
    samples,
    verdict,
  };
}

/** A short queue in whole numbers, which then grows. */
export function queue(seed: number): Instance {
  const draw = new Draw(seed, [MINUTE, MINUTE, 5 * MINUTE, 10_000]);
  const { stepMs } = draw;
  const mean = draw.scale(0.1, 5);
  const height = 10 * (1 + mean);
  const fromMs = draw.at(draw.between(0, 24));
  const toMs = fromMs + draw.steps(draw.between(0.5, 3) * HOUR);
  const samples = draw.series(toMs + DAY, (t) =>
    draw.poisson(t >= fromMs && t < toMs ? height : mean * (0.5 + daily(t))),
  );
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs)
      .quiet('before', MONDAY + 3 * DAY, fromMs)
      // Then it is how things are.
      .lasting('queue', fromMs, Math.min(toMs, fromMs + Math.max(2 * HOUR, 12 * stepMs)), 0.9)
      .silent('return', toMs, toMs + 12 * HOUR, 1).faults;
  return {
    kind: 'queue',
    text: `mean ${mean.toFixed(1)}, then ${height.toFixed(0)}; step ${lengthText(stepMs)}`,
    metric: 'queue',
    stepMs,
    samples,
    verdict,
  };
}
