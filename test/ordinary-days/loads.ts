import { DAY, type Draw, daily, HOUR, isWeekend, lengthText } from './instance.js';

/** A series as it usually is, times a factor at will. */
export interface Load {
  readonly text: string;
  readonly metric: string;
  /** Whether its weekends are others than its days. */
  readonly hasWeek: boolean;
  /** The value of a step; to be asked of every step once, in order of time. */
  readonly valueAt: (timeMs: number, factor?: number) => number;
}

type Shape = 'wave' | 'office' | 'peaks' | 'flat';

/** A usual day by its shape, between 0 and 1. */
function dayOf(shape: Shape, timeMs: number): number {
  const hour = (timeMs % DAY) / HOUR;
  if (shape === 'wave') return daily(timeMs);
  if (shape === 'flat') return 0.5;
  // People come in the course of an hour or two, and go in the course of two or three.
  if (shape === 'office') return 1 / (1 + Math.exp(-(hour - 8) * 2.5)) / (1 + Math.exp((hour - 18) * 1.5));
  return 0.55 * bump(hour, 10, 3.5) + 0.85 * bump(hour, 20, 3);
}

function bump(hour: number, middle: number, width: number): number {
  const off = Math.abs(hour - middle);
  return Math.exp(-((Math.min(off, 24 - off) / width) ** 2));
}

/** Traffic with a usual day: a gauge with decimals, a count or a counter. */
export function trafficOf(draw: Draw): Load {
  const form = draw.pick(['gauge', 'gauge', 'count', 'counter'] as const);
  const shape = draw.pick<Shape>(['wave', 'wave', 'wave', 'office', 'peaks', 'flat']);
  const base = draw.scale(50, 1000);
  const swing = draw.scale(0.3, 6);
  const noise = draw.scale(0.01, 0.06);
  // A part of traffic is as noisy by night as by day.
  const isEven = draw.uniform() < 0.3;
  // A week is known after two of them.
  const weekend = draw.uniform() < 0.3 && draw.historyDays >= 20 ? draw.between(0.6, 0.95) : 1;
  const around = draw.autoregressive(0.5);
  const usual = (timeMs: number) => {
    const level = base * (1 + swing * dayOf(shape, timeMs)) * (isWeekend(timeMs) ? weekend : 1);
    return Math.max(0, level + noise * (isEven ? base : level) * around());
  };
  const text = `${form} ${shape} ${base.toFixed(0)} swing ${swing.toFixed(1)} noise ${noise.toFixed(3)}${isEven ? ' even' : ''} weekend ${weekend.toFixed(2)} step ${lengthText(draw.stepMs)}`;
  const hasWeek = weekend !== 1;
  const gauge = { text, metric: 'load', hasWeek };
  if (form === 'gauge') return { ...gauge, valueAt: (t, factor = 1) => round(usual(t) * factor, 1) };
  if (form === 'count') return { ...gauge, valueAt: (t, factor = 1) => draw.poisson(usual(t) * factor) };
  let total = 0;
  return {
    text,
    metric: 'load_total',
    hasWeek,
    valueAt: (timeMs, factor = 1) => {
      total += draw.poisson(usual(timeMs) * factor * (draw.stepMs / 60_000));
      return total;
    },
  };
}

export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
