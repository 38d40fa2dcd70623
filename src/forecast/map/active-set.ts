import { Cholesky } from '../math/cholesky.js';

/**
 * A least-squares problem with Gaussian and Laplace priors on its coefficients:
 *
 *     minimise  ½·|r(θ)|² + v·( Σ ½·ridgeᵢ·(θᵢ + shiftᵢ)²  +  Σ |θⱼ|·lasso )
 *
 * over the first `free` coefficients (Gaussian) and the others (Laplace), where r(θ + d) = r(θ) − Z·d.
 */
export interface PenalisedLeastSquares {
  readonly size: number;
  readonly free: number;
  /** ZᵀZ, `size` × `size`. */
  readonly gram: Float64Array;
  /** 1/σᵢ² of the Gaussian priors, and their negated means; `free` of each. */
  readonly ridge: Float64Array;
  readonly shift: Float64Array;
  /** 1/τ of the Laplace priors. */
  readonly lasso: number;
}

/** A point of the solution path; `gradient` and `squares` belong to `theta`. */
export interface Point {
  readonly theta: Float64Array;
  /** Zᵀr. */
  readonly gradient: Float64Array;
  /** |r|². */
  squares: number;
}

/** Each step adds a coefficient, drops one, or finishes. No path has taken nearly as many. */
const MAX_STEPS_PER_COEFFICIENT = 20;
/** A zero coefficient enters when its gradient exceeds the penalty by more than rounding. */
const ENTRY_TOLERANCE = 1e-11;

/**
 * Solves the problem exactly for one v after another, each starting at the last solution: the active set, which is the
 * Laplace coefficients that are not zero, seldom changes much between them.
 */
export class ActiveSetSolver {
  readonly #problem: PenalisedLeastSquares;
  readonly #point: Point;
  readonly #factor: Cholesky;
  /** Coefficients that may change, in the order of the factor's rows: the free ones first, then the active set. */
  readonly #active: number[];
  readonly #signs: Float64Array;
  /** Coefficients that stay zero for this v: combinations of the active set, or at the penalty except for rounding. */
  readonly #refused: Uint8Array;
  readonly #direction: Float64Array;
  readonly #row: Float64Array;
  #v = Number.NaN;

  /** Works on `point` in place and keeps it consistent. */
  constructor(problem: PenalisedLeastSquares, point: Point) {
    const { size, free } = problem;
    this.#problem = problem;
    this.#point = point;
    this.#factor = new Cholesky(size);
    this.#active = Array.from({ length: free }, (_, i) => i);
    this.#signs = new Float64Array(size);
    this.#refused = new Uint8Array(size);
    this.#direction = new Float64Array(size);
    this.#row = new Float64Array(size);
    for (let j = free; j < size; j++) {
      if (point.theta[j] === 0) continue;
      this.#active.push(j);
      this.#signs[j] = Math.sign(point.theta[j]!);
    }
  }

  /**
   * Moves the point to the minimum for this v > 0. Returns false if that takes too many steps.
   */
  solve(v: number): boolean {
    if (v !== this.#v) {
      this.#factor.truncate(0);
      this.#refused.fill(0);
      this.#v = v;
    }
    const maxSteps = MAX_STEPS_PER_COEFFICIENT * (this.#problem.size + 1);
    for (let step = 0; step < maxSteps; step++) {
      if (!this.#extendFactor()) return false;
      this.#findDirection();
      if (!this.#move()) continue;
      if (!this.#enterWorst()) return true;
    }
    return false;
  }

  /** Brings the factor's rows up to the active set. Returns false if the free coefficients alone are singular. */
  #extendFactor(): boolean {
    const { size, free, gram, ridge } = this.#problem;
    const active = this.#active;
    while (this.#factor.size < active.length) {
      const position = this.#factor.size;
      const j = active[position]!;
      for (let i = 0; i <= position; i++) this.#row[i] = gram[j * size + active[i]!]!;
      if (j < free) this.#row[position] = this.#row[position]! + this.#v * ridge[j]!;
      if (this.#factor.append(this.#row)) continue;
      if (j < free) return false;
      this.#refused[j] = 1;
      this.#drop(position);
    }
    return true;
  }

  /** The direction from the point to the minimum over the active set, ignoring signs. */
  #findDirection(): void {
    const { free, ridge, shift, lasso } = this.#problem;
    const { theta, gradient } = this.#point;
    const active = this.#active;
    const v = this.#v;
    for (let i = 0; i < active.length; i++) {
      const j = active[i]!;
      const pull = j < free ? ridge[j]! * (theta[j]! + shift[j]!) : lasso * this.#signs[j]!;
      this.#direction[i] = gradient[j]! - v * pull;
    }
    this.#factor.solve(this.#direction);
  }

  /** Follows the direction until a coefficient reaches zero, and drops it. Returns true if it got to the end. */
  #move(): boolean {
    const { size, free, gram } = this.#problem;
    const { theta, gradient } = this.#point;
    const active = this.#active;
    const direction = this.#direction;
    let share = 1;
    let crossing = -1;
    for (let i = free; i < active.length; i++) {
      const j = active[i]!;
      const end = theta[j]! + direction[i]!;
      if (end * this.#signs[j]! >= 0) continue;
      const until = theta[j]! / (theta[j]! - end);
      if (until < share) {
        share = until;
        crossing = i;
      }
    }
    // |r − Zd|² = |r|² − d·(Zᵀr + Zᵀ(r − Zd)).
    let descent = 0;
    for (let i = 0; i < active.length; i++) descent += direction[i]! * gradient[active[i]!]!;
    for (let i = 0; i < active.length; i++) {
      const j = active[i]!;
      const d = share * direction[i]!;
      theta[j] = theta[j]! + d;
      const column = j * size;
      for (let q = 0; q < size; q++) gradient[q] = gradient[q]! - gram[column + q]! * d;
    }
    for (let i = 0; i < active.length; i++) descent += direction[i]! * gradient[active[i]!]!;
    this.#point.squares -= share * descent;
    if (crossing < 0) return true;
    const j = active[crossing]!;
    // It entered in this step: its gradient exceeded the penalty by rounding only.
    if (share === 0) this.#refused[j] = 1;
    theta[j] = 0;
    this.#drop(crossing);
    return false;
  }

  /** Adds the zero coefficient whose gradient exceeds its penalty most. Returns false if none does. */
  #enterWorst(): boolean {
    const { size, free, lasso } = this.#problem;
    const { theta, gradient } = this.#point;
    const penalty = this.#v * lasso;
    let worst = -1;
    let largest = penalty * (1 + ENTRY_TOLERANCE);
    for (let j = free; j < size; j++) {
      if (this.#signs[j] !== 0 || this.#refused[j] === 1) continue;
      const pull = Math.abs(gradient[j]!);
      if (pull > largest) {
        largest = pull;
        worst = j;
      }
    }
    if (worst < 0) return false;
    theta[worst] = 0;
    this.#signs[worst] = Math.sign(gradient[worst]!);
    this.#active.push(worst);
    return true;
  }

  #drop(position: number): void {
    const [j] = this.#active.splice(position, 1);
    this.#signs[j!] = 0;
    this.#factor.truncate(position);
  }
}
