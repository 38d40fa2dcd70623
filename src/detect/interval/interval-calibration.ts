import type { Forecast } from '../../model/samples/columns.js';

/*
 * Adaptive conformal calibration (Gibbs & Candès 2021, "Adaptive conformal inference under distribution shift"): each
 * edge of the interval moves out when a step falls beyond it and in when none does, at rates that balance exactly when
 * the share beyond is the nominal one. So the coverage is right in the long run for any noise.
 */

/** How far an edge moves with a step, as a logarithm, times the nominal share within, or beyond, it. */
const GAIN = 0.1;
/**
 * Limit of an edge in both directions, as a logarithm: a factor of 22,000. A quiet series with a noisy model needs much
 * of it.
 */
const MAX_LOG = 10;

/** Length of the state. */
export const CALIBRATION_LENGTH = 2;

/** The factors that stretch the halves of an interval below and above yhat. */
export interface IntervalFactors {
  readonly lowerFactor: number;
  readonly upperFactor: number;
}

/** Learns the factors that stretch the two halves of a series' interval, so that it holds its nominal share. */
export class IntervalCalibration implements IntervalFactors {
  /** Logarithms of the factors below and above yhat: the whole state. */
  readonly state: Float32Array;

  constructor(state: Float32Array = new Float32Array(CALIBRATION_LENGTH)) {
    this.state = state;
  }

  get lowerFactor(): number {
    return Math.exp(this.state[0]!);
  }

  get upperFactor(): number {
    return Math.exp(this.state[1]!);
  }

  /** Stretches an interval in place. */
  stretch({ yhat, yhatLower, yhatUpper }: Forecast): void {
    const { lowerFactor, upperFactor } = this;
    for (let i = 0; i < yhat.length; i++) {
      yhatLower[i] = yhat[i]! + (yhatLower[i]! - yhat[i]!) * lowerFactor;
      yhatUpper[i] = yhat[i]! + (yhatUpper[i]! - yhat[i]!) * upperFactor;
    }
  }

  /**
   * Learns from a step with a value. The interval is the stretched one that it was compared with; `width` its nominal
   * share.
   */
  learn(value: number, lower: number, upper: number, width: number, gain = GAIN): void {
    learnEdges(this.state, 0, { value, lower, upper }, width, gain);
  }
}

/** The same for a state that lies at `at` of a longer one. */
export function learnEdges(
  state: Float32Array,
  at: number,
  { value, lower, upper }: { value: number; lower: number; upper: number },
  width: number,
  gain: number,
): void {
  const tail = (1 - width) / 2;
  move(state, at, gain * (Number(value < lower) - tail));
  move(state, at + 1, gain * (Number(value > upper) - tail));
}

function move(state: Float32Array, edge: number, by: number): void {
  state[edge] = Math.min(MAX_LOG, Math.max(-MAX_LOG, state[edge]! + by));
}
