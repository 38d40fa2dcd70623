import { DAY, Draw, daily, HOUR, type Instance, lengthText, MINUTE, MONDAY, type Outcome } from './instance.js';
import { round, trafficOf } from './loads.js';
import { Verdict } from './verdict.js';

/** A latency with a heavy tail, three to ten times as high for half an hour. */
export function latency(seed: number): Instance {
  const draw = new Draw(seed, [MINUTE, MINUTE, 5 * MINUTE, 10_000]);
  const { stepMs } = draw;
  const around = draw.autoregressive(0.3);
  const spread = draw.between(0.25, 0.5);
  const level = draw.scale(0.01, 200);
  const spikes = draw.pick([0, 0.005, 0.01]);
  const factor = draw.scale(3, 10);
  const fromMs = draw.at(draw.between(0, 24));
  const toMs = fromMs + draw.steps(30 * MINUTE);
  const samples = draw.series(toMs + 6 * HOUR, (t) => {
    const spike = draw.uniform() < spikes ? 0.8 + 0.5 * Math.abs(draw.normal()) : 0;
    const usual = level * (1 + 0.4 * daily(t)) * Math.exp(spread * around() + spike);
    return round(usual * (t >= fromMs && t < toMs ? factor : 1), 5);
  });
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs)
      .quiet('before', MONDAY + 3 * DAY, fromMs)
      .lasting('slow', fromMs, toMs, 0.6)
      .firing('slow', fromMs, toMs, 6 * MINUTE)
      .silent('return', toMs, toMs + 6 * HOUR, 1).faults;
  const text = `×${factor.toFixed(1)}, spread ${spread.toFixed(2)}, spikes ${spikes}; step ${lengthText(stepMs)}`;
  return { kind: 'latency', text, metric: 'p99', stepMs, samples, verdict };
}

/** Double within hours to two days, or 5 % more every day. */
export function degradation(seed: number): Instance {
  const draw = new Draw(seed, [MINUTE, 5 * MINUTE, 5 * MINUTE, HOUR]);
  const { stepMs } = draw;
  const isDaily = draw.uniform() < 0.4;
  const load = trafficOf(draw);
  const fromMs = draw.at(draw.between(0, 24), 3);
  const lengthMs = draw.steps(isDaily ? 10 * DAY : draw.scale(HOUR, 2 * DAY));
  const toMs = fromMs + lengthMs;
  const samples = draw.series(toMs + 2 * HOUR, (t) => {
    const share = Math.min(1, Math.max(0, (t - fromMs) / lengthMs));
    return load.valueAt(t, isDaily ? 1.05 ** (10 * share) : 1 + share);
  });
  const verdict = (outcome: Outcome) =>
    new Verdict(outcome, stepMs)
      .quiet('before', fromMs - 5 * DAY, fromMs)
      .found('slow', fromMs, isDaily ? fromMs + 8 * DAY : fromMs + Math.max(0.75 * lengthMs, 4 * stepMs)).faults;
  const text = `${isDaily ? '5 % a day' : `double in ${lengthText(lengthMs)}`}; ${load.text}`;
  return { kind: 'degradation', text, metric: load.metric, stepMs, samples, verdict };
}

/** A series of which little is known when something happens. */
export function young(seed: number): Instance {
  const draw = new Draw(seed, [MINUTE, MINUTE, 5 * MINUTE, 10_000]);
  const { stepMs } = draw;
  const load = trafficOf(draw);
  const knownMs = draw.steps(draw.pick([10 * MINUTE, HOUR, 6 * HOUR, DAY, 2 * DAY]));
  const bornMs = draw.steps(draw.between(0, 24) * HOUR);
  const fromMs = MONDAY + bornMs + knownMs;
  const factor = draw.pick([0, 8]);
  const toMs = fromMs + draw.steps(30 * MINUTE);
  const samples = draw.series(MONDAY + bornMs + knownMs + DAY, (t) =>
    t < MONDAY + bornMs ? undefined : load.valueAt(t, t >= fromMs && t < toMs ? factor : 1),
  );
  const verdict = (outcome: Outcome) => {
    const wanted = new Verdict(outcome, stepMs).silent('before', MONDAY + bornMs, fromMs, 2);
    wanted.silent('after', toMs, toMs + 23 * HOUR, 3);
    if (knownMs >= HOUR && knownMs >= 15 * stepMs) wanted.found('incident', fromMs, fromMs + 10 * MINUTE + 2 * stepMs);
    return wanted.faults;
  };
  const text = `known for ${lengthText(knownMs)}, then ×${factor}; ${load.text}`;
  return { kind: 'young', text, metric: load.metric, stepMs, samples, verdict };
}
