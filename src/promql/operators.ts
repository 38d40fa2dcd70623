/** Arithmetic and comparison of two numbers, as PromQL defines it (prometheus/prometheus promql/engine.go, scalarBinop). */
export const ARITHMETIC = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  // The sign of the dividend, as Go's math.Mod.
  '%': (a: number, b: number) => a % b,
  '^': power,
  atan2: Math.atan2,
} as const;

export const COMPARISON = {
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
  '>': (a: number, b: number) => a > b,
  '<': (a: number, b: number) => a < b,
  '>=': (a: number, b: number) => a >= b,
  '<=': (a: number, b: number) => a <= b,
} as const;

type ArithmeticOperator = keyof typeof ARITHMETIC;
export type ComparisonOperator = keyof typeof COMPARISON;
export type BinaryOperator = ArithmeticOperator | ComparisonOperator;

export function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return operator in COMPARISON;
}

/** Go's math.Pow, which differs from JavaScript's where the base is 1 or -1. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1;
  return base ** exponent;
}
