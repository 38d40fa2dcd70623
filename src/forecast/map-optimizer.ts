import { ActiveSetSolver, type PenalisedLeastSquares, type Point } from './active-set.js';
import type { Parameters } from './design.js';
import { kktResidual } from './kkt.js';
import { makeBlocks } from './map-blocks.js';
import type { MapProblem } from './map-problem.js';
import { MapState } from './map-state.js';

/** The optimum of Prophet's objective, or how far the optimizer came. */
export interface MapSolution {
  readonly parameters: Parameters;
  /** Negative log posterior, constants dropped. */
  readonly objective: number;
  /** Whether the optimality conditions hold; if not, the parameters are of no use. */
  readonly isOptimal: boolean;
}

/** Optimality: every coefficient within this many of its standard errors; the variance to its square, as F goes by it. */
const KKT_TOLERANCE = 1e-6;
const VARIANCE_TOLERANCE = 1e-9;
/** Two suffice for one block, the second to check; two blocks take turns some dozen times. */
const MAX_TURNS = 400;
const MAX_VARIANCE_STEPS = 200;
/** How far the variance may fall between two looks at the data: beyond, what is tracked of |r|² is rounding. */
const MAX_VARIANCE_FALL = 1e-8;

/**
 * Finds the maximum of Prophet's posterior. With the noise standing still the coefficients solve a convex problem,
 * exactly, on the Gram matrix (active-set.ts); with the coefficients standing still the noise has a closed form; the two
 * alternate. In multiplicative models the trend with the additive features, and all the features, are each such a
 * problem while the other stands still. The optimality conditions are checked on residuals taken afresh from the data.
 */
export function optimizeMap(problem: MapProblem): MapSolution {
  const state = new MapState(problem);
  const blocks = makeBlocks(state);
  let optimal = 0;
  for (let turn = 0; turn < MAX_TURNS && optimal < blocks.length; turn++) {
    const block = blocks[turn % blocks.length]!;
    const { problem: system, point } = block.open();
    const settled = noiseVariance(state, point.squares);
    if (
      Math.abs(settled - state.variance) <= VARIANCE_TOLERANCE * state.variance &&
      kktResidual(system, point, state.variance) <= KKT_TOLERANCE
    ) {
      optimal++;
      continue;
    }
    optimal = 0;
    if (!solveBlock(state, system, point)) break;
    block.close(point);
  }
  return { parameters: state.parameters(), objective: state.objective(), isOptimal: optimal === blocks.length };
}

/** Brings a block's coefficients and the noise variance to their common optimum. Returns false if that fails. */
function solveBlock(state: MapState, system: PenalisedLeastSquares, point: Point): boolean {
  const solver = new ActiveSetSolver(system, point);
  const lowest = Math.max(state.minVariance, state.variance * MAX_VARIANCE_FALL);
  let last = Number.NaN;
  let lastChange = Number.NaN;
  for (let step = 0; step < MAX_VARIANCE_STEPS; step++) {
    const { variance } = state;
    if (!solver.solve(variance)) return false;
    const next = Math.max(lowest, noiseVariance(state, point.squares));
    const change = next - variance;
    if (Math.abs(change) <= (VARIANCE_TOLERANCE / 100) * variance) return true;
    // The secant through the last two changes, as long as it is a sane guess of where the change is zero.
    const slope = (change - lastChange) / (variance - last);
    const secant = variance - change / slope;
    state.variance = slope < -0.05 && slope > -2 && secant > lowest ? secant : next;
    last = variance;
    lastChange = change;
  }
  return false;
}

/** The best variance for a given |r|²: the root of 4v² + n·v − |r|² = 0, written so that nothing cancels. */
function noiseVariance(state: MapState, squares: number): number {
  const n = state.problem.y.length;
  const positive = Math.max(0, squares);
  return Math.max(state.minVariance, (2 * positive) / (n + Math.sqrt(n * n + 16 * positive)));
}
