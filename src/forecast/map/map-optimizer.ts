import type { Parameters } from '../design/design.js';
import { dot } from '../math/gram.js';
import { ActiveSetSolver, type PenalisedLeastSquares, type Point } from './active-set.js';
import { kktResidual } from './kkt.js';
import type { MapProblem } from './map-problem.js';
import { MapState } from './map-state.js';
import { MapSystem } from './map-system.js';

/** The optimum of Prophet's objective, or the best point that the optimizer reached. */
export interface MapSolution {
  readonly parameters: Parameters;
  /** Negative log posterior, constants dropped. */
  readonly objective: number;
  /** Whether the optimality conditions hold; if not, the parameters must not be used. */
  readonly isOptimal: boolean;
}

/** Optimality: every coefficient within this many of its standard errors, and the variance within this share. */
const KKT_TOLERANCE = 1e-5;
const VARIANCE_TOLERANCE = 1e-9;
/** Within this distance of the optimum, in the same measure, a multiplicative model uses its curvature. */
const NEAR = 1;
/** A Gauss-Newton step shortened to less than this share means that the objective is strongly curved there. */
const SHORT_STEP = 0.25;
/** Additive models take one iteration and one check; multiplicative ones take about ten. */
const MAX_TURNS = 100;
/** Smaller differences of the objective are rounding. */
const OBJECTIVE_ROUNDING = 1e-9;
const MAX_HALVINGS = 30;
const MAX_VARIANCE_STEPS = 200;
/** How far the variance may fall before |r|² is computed from the data again: its updated value is rounding by then. */
const MAX_VARIANCE_FALL = 1e-8;

/**
 * Finds the maximum of Prophet's posterior. With the noise held fixed, the coefficients solve a convex problem, which
 * is solved exactly on the Gram matrix (active-set.ts); with the coefficients held fixed, the noise has a closed form.
 * The two steps alternate. Multiplicative models are linearised, solved, and linearised again at the solution while the
 * objective decreases: by Gauss-Newton steps at first, by Newton steps near the optimum. The optimality conditions are
 * checked on residuals that are computed from the data again.
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
      // The optimum was not that near: go back and continue with Gauss-Newton steps.
      system.moveTo(start.theta);
      state.variance = variance;
      usesCurvature = false;
    } else break;
  }
  return { parameters: state.parameters(), objective: state.objective(), isOptimal };
}

/**
 * Moves the coefficients of the (linearised) problem and the noise variance to their joint optimum if it can: finds the
 * root of change(v) = (best variance for the coefficients that are best at v) − v by secants within a bracket.
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
    // Steps towards the best variance never overshoot the root but may converge slowly; halving does not.
    if (secant > Math.max(below, lowest) && secant < above && !(isBracketed && step % 4 === 3)) state.variance = secant;
    else state.variance = isBracketed ? Math.sqrt(below * above) : next;
    last = variance;
    lastChange = change;
  }
  return false;
}

/**
 * Backtracking line search: moves the state from `start` to `goal` if that lowers the objective, else half as far, and
 * so on. Returns the share of the distance, 0 if no step lowers the objective.
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
