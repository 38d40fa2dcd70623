import type { Matcher } from '../model/labels/matcher.js';
import type { BinaryOperator } from './operators.js';

/** A parsed query: what of PromQL is evaluated here. */
export type Expression = NumberLiteral | StringLiteral | Selector | Negation | Binary;

/** The types of PromQL that an expression here can have; all of them are instant values. */
export type ValueType = 'scalar' | 'vector' | 'string';

interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
}

interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
}

export interface Selector {
  readonly kind: 'selector';
  readonly matchers: readonly Matcher[];
  /** How far before the evaluation timestamp the value is taken; negative: after it. */
  readonly offsetMs: number;
  /** A fixed evaluation timestamp in Unix milliseconds, or an end of the query's range, in place of each timestamp of its own. */
  readonly at: number | 'start' | 'end' | undefined;
}

interface Negation {
  readonly kind: 'negation';
  readonly operand: Expression;
}

/** At least one side is a scalar. */
export interface Binary {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  /** Whether a comparison returns 0 or 1 in place of filtering. */
  readonly returnsBool: boolean;
}

export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
      return 'vector';
    case 'negation':
      return typeOf(expression.operand);
    case 'binary':
      return typeOf(expression.left) === 'vector' || typeOf(expression.right) === 'vector' ? 'vector' : 'scalar';
  }
}
