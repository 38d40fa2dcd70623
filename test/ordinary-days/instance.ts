import type { Samples } from '#src/model/samples/columns.js';
import { DAY, HOUR, MINUTE } from '../fixtures.js';
import { Random } from './random.js';

export { DAY, HOUR, MINUTE };
/** Monday 2026-03-02 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 2, 2);

/** What a replay said, as a verdict reads it. */
export interface Outcome {
  readonly timesMs: Float64Array;
  readonly observed: Float64Array;
  readonly yhat: Float64Array;
  readonly yhatLower: Float64Array;
  readonly yhatUpper: Float64Array;
  readonly scores: Float64Array;
}

/** One series of a kind, and what has to be said of it. */
export interface Instance {
  readonly kind: string;
  /** Its parameters, for people. */
  readonly text: string;
  readonly metric: string;
  readonly stepMs: number;
  readonly samples: Samples;
  /** What is wrong with an outcome; nothing where it is right. */
  readonly verdict: (outcome: Outcome) => string[];
}

/** Length of the usual life before anything happens, by step. */
const HISTORY_DAYS: Readonly<Record<number, number>> = { 10000: 5, 60000: 12, 300000: 16, 3600000: 24 };

/** The random choices that all kinds make: the step, and how much history there is before the incident. */
export class Draw extends Random {
  readonly stepMs: number;
  readonly historyDays: number;

  /** Of `steps` one is drawn. */
  constructor(seed: number, steps: readonly number[] = [MINUTE, MINUTE, MINUTE, 5 * MINUTE, 5 * MINUTE, HOUR, 10_000]) {
    super(seed);
    this.stepMs = this.pick(steps);
    this.historyDays = HISTORY_DAYS[this.stepMs]! + Math.floor(this.between(0, this.stepMs < MINUTE ? 2 : 5));
  }

  /** An instant on the day after the usual life, in whole steps. */
  at(hours: number, daysLater = 0): number {
    const timeMs = MONDAY + (this.historyDays + daysLater) * DAY + hours * HOUR;
    return Math.floor(timeMs / this.stepMs) * this.stepMs;
  }

  /** A length in whole steps, one at least. */
  steps(ms: number): number {
    return Math.max(1, Math.round(ms / this.stepMs)) * this.stepMs;
  }

  /** One sample in the middle of each step; no value is no sample. */
  series(untilMs: number, valueAt: (timeMs: number) => number | undefined): Samples {
    const times: number[] = [];
    const values: number[] = [];
    for (let stepAt = MONDAY; stepAt < untilMs; stepAt += this.stepMs) {
      const value = valueAt(stepAt);
      if (value === undefined) continue;
      times.push(stepAt + this.stepMs / 2);
      values.push(value);
    }
    return { timesMs: Float64Array.from(times), values: Float64Array.from(values) };
  }

  /** Noise of unit size whose neighbours are alike. */
  autoregressive(phi: number): () => number {
    let x = 0;
    const own = Math.sqrt(1 - phi * phi);
    return () => {
      x = phi * x + own * this.normal();
      return x;
    };
  }
}

/** A usual day, between 0 at 04:00 and 1 at 16:00. */
export function daily(timeMs: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * ((timeMs % DAY) / HOUR - 4)) / 24);
}

export function isWeekend(timeMs: number): boolean {
  return [0, 6].includes((Math.floor(timeMs / DAY) + 4) % 7);
}

/** Hours and days for people. */
export function lengthText(ms: number): string {
  if (ms < HOUR) return `${(ms / MINUTE).toFixed(1)}m`;
  return ms < 2 * DAY ? `${(ms / HOUR).toFixed(1)}h` : `${(ms / DAY).toFixed(1)}d`;
}
