import { type Draw, daily, isWeekend, lengthText } from './instance.js';

/** A series as it usually is, times a factor at will. */
export interface Load {
  readonly text: string;
  readonly metric: string;
  /** The value of a step; to be asked of every step once, in order of time. */
  readonly valueAt: (timeMs: number, factor?: number) => number;
}

/** Traffic with a usual day: a gauge with decimals, a count or a counter. */
export function trafficOf(draw: Draw): Load {
  const form = draw.pick(['gauge', 'gauge', 'count', 'counter'] as const);
  const base = draw.scale(50, 1000);
  const swing = draw.scale(0.3, 3);
  const noise = draw.scale(0.01, 0.06);
  // A week is known after two of them.
  const weekend = draw.uniform() < 0.3 && draw.historyDays >= 20 ? draw.between(0.6, 0.95) : 1;
  const around = draw.autoregressive(0.5);
  const usual = (timeMs: number) =>
    Math.max(0, base * (1 + swing * daily(timeMs)) * (isWeekend(timeMs) ? weekend : 1) * (1 + noise * around()));
  const text = `${form} ${base.toFixed(0)} swing ${swing.toFixed(1)} noise ${noise.toFixed(3)} weekend ${weekend.toFixed(2)} step ${lengthText(draw.stepMs)}`;
  if (form === 'gauge') return { text, metric: 'load', valueAt: (t, factor = 1) => round(usual(t) * factor, 1) };
  if (form === 'count') return { text, metric: 'load', valueAt: (t, factor = 1) => draw.poisson(usual(t) * factor) };
  let total = 0;
  return {
    text,
    metric: 'load_total',
    valueAt: (timeMs, factor = 1) => {
      total += draw.poisson(usual(timeMs) * factor * (draw.stepMs / 60_000));
      return total;
    },
  };
}

export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
