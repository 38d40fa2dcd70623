import type { PenalisedLeastSquares, Point } from './active-set.js';

/**
 * How far a point is from meeting the Karush-Kuhn-Tucker conditions of its problem at noise variance v: the largest
 * distance of a coefficient's gradient from where it must be, in standard deviations that the gradient has under that
 * noise. At x, every coefficient is within x standard errors (the other coefficients held fixed) of its optimum.
 */
export function kktResidual(problem: PenalisedLeastSquares, point: Point, v: number): number {
  const { size, free, gram, ridge, shift, lasso } = problem;
  const { theta, gradient } = point;
  let worst = 0;
  for (let j = 0; j < size; j++) {
    const pull = gradient[j]!;
    const value = theta[j]!;
    let miss: number;
    let square = gram[j * size + j]!;
    if (j < free) {
      miss = Math.abs(pull - v * ridge[j]! * (value + shift[j]!));
      square += v * ridge[j]!;
    } else if (value === 0) {
      miss = Math.max(0, Math.abs(pull) - v * lasso);
    } else {
      miss = Math.abs(pull - v * lasso * Math.sign(value));
    }
    // A column of zeros has no influence and no gradient.
    if (miss > 0) worst = Math.max(worst, miss / Math.sqrt(v * square));
    if (Number.isNaN(miss)) return Number.NaN;
  }
  return worst;
}
