import { DAY, Draw, daily, HOUR, type Instance, lengthText, MINUTE, type Outcome } from './instance.js';
import { round } from './loads.js';
import { Verdict } from './verdict.js';

/** Nothing for a while in the hours in which there is least. */
export function nightOutage(seed: number): Instance {
  const draw = new Draw(seed, [MINUTE, MINUTE, MINUTE, 5 * MINUTE, 10_000]);
  const { stepMs } = draw;
  const isCount = draw.uniform() < 0.6;
  const night = draw.scale(8, 100);
  const ratio = draw.scale(4, 20);
  const around = draw.autoregressive(0.5);
  const noise = draw.scale(0.03, 0.2);
  const fromMs = draw.at(draw.between(1, 5));
  const lengthMs = draw.steps(draw.scale(30 * MINUTE, 4 * HOUR));
  const toMs = fromMs + lengthMs;
  const samples = draw.series(toMs + DAY, (t) => {
    const usual = Math.max(0, night * (1 + (ratio - 1) * daily(t)) * Math.max(0.1, 1 + noise * around()));
    const value = t >= fromMs && t < toMs ? 0 : usual;
    return isCount ? draw.poisson(value) : round(value, 2);
  });
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs)
      .quiet('before', fromMs - 5 * DAY, fromMs)
      .found('outage', fromMs, fromMs + Math.max(10 * MINUTE, 3 * stepMs))
      .lasting('outage', fromMs, toMs, 0.75)
      .silent('return', toMs, toMs + 3 * HOUR).faults;
  const text = `${isCount ? 'count' : 'gauge'} ${night.toFixed(0)} by night ×${ratio.toFixed(0)} by day, noise ${noise.toFixed(2)}, ${lengthText(lengthMs)}; step ${lengthText(stepMs)}`;
  return { kind: 'night outage', text, metric: 'load', stepMs, samples, verdict };
}

/** A sensor that stays where it is, is interpolated, or hardly moves, and then goes on as before. */
export function stuck(seed: number): Instance {
  const draw = new Draw(seed, [MINUTE, MINUTE, MINUTE, 5 * MINUTE, 10_000]);
  const { stepMs } = draw;
  const form = draw.pick(['equal', 'equal', 'line', 'calm'] as const);
  const base = draw.scale(20, 500);
  const swing = draw.between(0, 1.5);
  const noise = draw.scale(0.02, 0.1);
  const decimals = draw.pick(noise * base > 3 ? [0, 1, 2, 3] : [1, 2, 3]);
  const around = draw.autoregressive(draw.between(0, 0.8));
  const fromMs = draw.at(draw.between(0, 24));
  const lengthMs = draw.steps(draw.between(2.5, 8) * HOUR);
  const toMs = fromMs + lengthMs;
  const usualAt = (t: number, share: number) => base * (1 + swing * daily(t)) + share * noise * base * around();
  let start = Number.NaN;
  const samples = draw.series(toMs + DAY, (t) => {
    const value = usualAt(t, 1);
    if (!(t >= fromMs && t < toMs)) return round(value, decimals);
    if (Number.isNaN(start)) start = value;
    if (form === 'equal') return round(start, decimals);
    const end = base * (1 + swing * daily(toMs));
    if (form === 'line') return round(start + ((end - start) * (t - fromMs)) / lengthMs, decimals + 2);
    return round(base * (1 + swing * daily(t)) + 0.05 * noise * base * draw.normal(), decimals);
  });
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs)
      .quiet('before', fromMs - 5 * DAY, fromMs)
      .found('stuck', fromMs, fromMs + HOUR + 3 * stepMs)
      // For two hours; then it is accepted.
      .lasting('stuck', fromMs + HOUR + 3 * stepMs, form === 'calm' ? 0 : Math.min(toMs, fromMs + 2 * HOUR), 0.75)
      .silent('return', toMs, toMs + 3 * HOUR).faults;
  const text = `${form}, around ${base.toFixed(0)} swing ${swing.toFixed(2)} noise ${noise.toFixed(3)}, ${decimals} decimals, ${lengthText(lengthMs)}; step ${lengthText(stepMs)}`;
  return { kind: 'stuck', text, metric: 'sensor', stepMs, samples, verdict };
}
