import type { Parameters } from '../design/design.js';
import { dot } from '../math/gram.js';
import { ActiveSetSolver, type PenalisedLeastSquares, type Point } from './active-set.js';
import { kktResidual } from './kkt.js';
import type { MapProblem } from './map-problem.js';
import { MapState } from './map-state.js';
import { MapSystem } from './map-system.js';

/** The optimum of Prophet's objective, or how far the optimizer came. */
export interface MapSolution {
  readonly parameters: Parameters;
  /** Negative log posterior, constants dropped. */
  readonly objective: number;
  /** Whether the optimality conditions hold; if not, the parameters are of no use. */
  readonly isOptimal: boolean;
}

/** Optimality: every coefficient within this many of its standard errors, and the variance within this share. */
const KKT_TOLERANCE = 1e-5;
const VARIANCE_TOLERANCE = 1e-9;
/** Distance from the optimum, in the same measure, from which the curvature of a multiplicative model is of use. */
const NEAR = 1;
/** So small a share of a Gauss-Newton step is taken only where the way is curved. */
const SHORT_STEP = 0.25;
/** Additive models take one turn and one look to check; multiplicative ones some ten. */
const MAX_TURNS = 100;
/** Differences of the objective that mean nothing. */
const OBJECTIVE_ROUNDING = 1e-9;
const MAX_HALVINGS = 30;
const MAX_VARIANCE_STEPS = 200;
/** How far the variance may fall between two looks at the data: beyond, what is tracked of |r|² is rounding. */
const MAX_VARIANCE_FALL = 1e-8;

/**
 * Finds the maximum of Prophet's posterior. With the noise status still the coefficients solve a convex problem,
 * exactly, on the Gram matrix (active-set.ts); with the coefficients status still the noise has a closed form; the two
 * alternate. Multiplicative models are linearised, solved, and linearised again where that led, as long as it goes down:
 * from afar by Gauss-Newton's steps, near the optimum by Newton's. The optimality conditions are checked on residuals
 * taken afresh from the data.
 */
export function optimizeMap(problem: MapProblem): MapSolution {
  const state = new MapState(problem);
  const system = new MapSystem(state);
  let isOptimal = false;
  let usesCurvature = false;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const point = system.open(usesCurvature);
    const { variance } = state;
    const kkt = kktResidual(system.problem, point, variance);
    const settled = Math.abs(noiseVariance(state, point.squares) - variance) <= VARIANCE_TOLERANCE * variance;
    isOptimal = settled && kkt <= KKT_TOLERANCE;
    if (isOptimal) break;
    const start = { theta: point.theta.slice(), objective: state.objective() };
    const share = solve(state, system.problem, point) ? descend(state, system, start, point.theta) : 0;
    if (share > 0) {
      const isNear = kkt < NEAR || share < SHORT_STEP;
      usesCurvature = !system.isLinear && isNear && state.objective() < start.objective - OBJECTIVE_ROUNDING;
    } else if (usesCurvature) {
      // Not so near after all: back, and on without.
      system.moveTo(start.theta);
      state.variance = variance;
      usesCurvature = false;
    } else break;
  }
  return { parameters: state.parameters(), objective: state.objective(), isOptimal };
}

/**
 * Brings the coefficients of the (linearised) problem and the noise variance to their common optimum, if it can: finds
 * the root of change(v) = (best variance for the coefficients that are best at v) − v, by secants within what brackets it.
 */
function solve(state: MapState, problem: PenalisedLeastSquares, point: Point): boolean {
  const solver = new ActiveSetSolver(problem, point);
  const lowest = Math.max(state.minVariance, state.variance * MAX_VARIANCE_FALL);
  let below = 0;
  let above = Number.POSITIVE_INFINITY;
  let last = Number.NaN;
  let lastChange = Number.NaN;
  for (let step = 0; step < MAX_VARIANCE_STEPS; step++) {
    const { variance } = state;
    if (!solver.solve(variance)) return false;
    const next = Math.max(lowest, noiseVariance(state, point.squares));
    const change = next - variance;
    if (Math.abs(change) <= (VARIANCE_TOLERANCE / 100) * variance) return true;
    if (change > 0) below = variance;
    else above = variance;
    const secant = variance - (change * (variance - last)) / (change - lastChange);
    const isBracketed = below > 0 && above < Number.POSITIVE_INFINITY;
    // A step towards the best variance never passes the root, but may take forever; halving never does.
    if (secant > Math.max(below, lowest) && secant < above && !(isBracketed && step % 4 === 3)) state.variance = secant;
    else state.variance = isBracketed ? Math.sqrt(below * above) : next;
    last = variance;
    lastChange = change;
  }
  return false;
}

/**
 * Moves the state from `start` towards `goal`, the whole way if the objective goes down there, else half, and so on: the
 * way goes down at first. Returns the share of the way it went, 0 if no step goes down.
 */
function descend(
  state: MapState,
  system: MapSystem,
  start: { theta: Float64Array; objective: number },
  goal: Float64Array,
): number {
  const atMost = start.objective + OBJECTIVE_ROUNDING + 1e-13 * Math.abs(start.objective);
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const share = 2 ** -halving;
    system.moveTo(share === 1 ? goal : goal.map((end, j) => share * end + (1 - share) * start.theta[j]!));
    state.variance = noiseVariance(state, dot(state.residual, state.residual));
    if (state.objective() <= atMost) return share;
  }
  return 0;
}

/** The best variance for a given |r|²: the root of 4v² + n·v − |r|² = 0, written so that nothing cancels. */
function noiseVariance(state: MapState, squares: number): number {
  const n = state.problem.y.length;
  const positive = Math.max(0, squares);
  return Math.max(state.minVariance, (2 * positive) / (n + Math.sqrt(n * n + 16 * positive)));
}
