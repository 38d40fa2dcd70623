import type { SyntaxNode } from '@lezer/common';
import { parser as lenientParser } from '@prometheus-io/lezer-promql';
import { UsageError } from '../lib/errors.js';
import { type Matcher, REQUEST_LIMITS } from '../model/labels/matcher.js';
import { unquote } from '../model/labels/promql-string.js';
import { parseSelector } from '../model/labels/selector.js';
import { type Expression, type Selector, typeOf } from './expression.js';
import { parseDurationLiteral, parseNumberLiteral } from './literals.js';
import { ARITHMETIC, type BinaryOperator, COMPARISON, isComparison } from './operators.js';
import { PromqlError } from './promql-error.js';

/** Ends at the first mistake: going on behind it, as an editor wants it, can take a second for a query of a few kilobytes. */
const parser = lenientParser.configure({ strict: true });

/** Far beyond what people and dashboards write; what parsing costs grows with it. */
const MAX_LENGTH = 10_000;
const MAX_DEPTH = 250;
const MAX_SELECTORS = 16;

/** What stays to be said to those who ask for more of PromQL. */
const ADVICE = 'ask Prometheus for this, Sentio serves selectors';
/** And to those who ask for a quantile or an average of a native histogram, which no store has as a series. */
const HISTOGRAM_ADVICE = `${ADVICE}, such as m_p99_y and m_avg_y of a histogram m whose rule has "histogram"`;

/**
 * Parses a query by Prometheus' own grammar. Evaluated are selectors with `offset` and `@`, scalars, and operators between
 * a vector and a scalar. Throws `PromqlError` for everything else, naming what is refused.
 */
export function parseQuery(text: string): Expression {
  if (text.length > MAX_LENGTH) throw new PromqlError('parse', `the query has more than ${MAX_LENGTH} characters`);
  if (isNestedDeeper(text, MAX_DEPTH))
    throw new PromqlError('parse', `the query is nested more than ${MAX_DEPTH} deep`);
  try {
    const { plain, root } = treeOf(text);
    return new Parse(plain).expression(root.firstChild!, 0);
  } catch (cause) {
    if (!(cause instanceof UnknownFunction)) throw cause;
    // Whether Prometheus of another version knows it makes no difference here.
    throw parseError(text, cause.position, refusalOf(cause.function), { cause });
  }
}

/** Throws `PromqlError` for what is no expression by Prometheus' grammar, whether it is evaluated here or not. */
export function checkSyntax(text: string): void {
  if (isNestedDeeper(text, MAX_DEPTH))
    throw new PromqlError('parse', `the query is nested more than ${MAX_DEPTH} deep`);
  parseStrictly(text);
}

/** The matchers of every selector in a query, whatever is made of them there. Throws `PromqlError`. */
export function parseSelectors(text: string): Matcher[][] {
  if (text.length > MAX_LENGTH) throw new PromqlError('parse', `the query has more than ${MAX_LENGTH} characters`);
  if (isNestedDeeper(text, MAX_DEPTH))
    throw new PromqlError('parse', `the query is nested more than ${MAX_DEPTH} deep`);
  const selectors: Matcher[][] = [];
  const { plain, root } = treeOf(text);
  root.cursor().iterate(({ name, from, to }) => {
    if (name !== 'VectorSelector') return;
    if (selectors.length === MAX_SELECTORS)
      throw new PromqlError('parse', `the query has more than ${MAX_SELECTORS} selectors`);
    try {
      selectors.push(parseSelector(plain.slice(from, to), REQUEST_LIMITS));
    } catch (cause) {
      throw new PromqlError('parse', (cause as Error).message);
    }
  });
  return selectors;
}

/** The grammar has the names of all functions, those of its own version. */
class UnknownFunction extends PromqlError {
  readonly position: number;
  readonly function: string;

  constructor(text: string, position: number, name: string, options: ErrorOptions) {
    super('parse', atPosition(text, position, `unknown function with name "${name}"`), options);
    this.position = position;
    this.function = name;
  }
}

/** One parse under way. */
class Parse {
  readonly #text: string;
  #selectors = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expression(node: SyntaxNode, depth: number): Expression {
    if (depth > MAX_DEPTH) throw this.#error(node, `nested more than ${MAX_DEPTH} deep`);
    switch (node.name) {
      case 'NumberDurationLiteral':
        return { kind: 'number', value: this.#literal(node, parseNumberLiteral) };
      case 'StringLiteral':
        return { kind: 'string', value: this.#string(node) };
      case 'ParenExpr':
        return this.expression(operandOf(node), depth + 1);
      case 'UnaryExpr':
        return this.#unary(node, depth);
      case 'BinaryExpr':
        return this.#binary(node, depth);
      case 'VectorSelector':
        return this.#selector(node);
      case 'OffsetExpr':
        return this.#offset(node, depth);
      case 'StepInvariantExpr':
        return this.#at(node, depth);
      default:
        throw this.#refusal(node);
    }
  }

  #unary(node: SyntaxNode, depth: number): Expression {
    const operand = this.expression(operandOf(node), depth + 1);
    if (typeOf(operand) === 'string') {
      throw this.#error(
        node,
        'unary expression only allowed on expressions of type scalar or instant vector, got "string"',
      );
    }
    return this.#textOf(node).startsWith('-') ? { kind: 'negation', operand } : operand;
  }

  #binary(node: SyntaxNode, depth: number): Expression {
    const operatorNode = node.firstChild!.nextSibling!;
    const operator = this.#textOf(operatorNode).toLowerCase();
    if (!(operator in ARITHMETIC) && !(operator in COMPARISON)) {
      throw this.#error(operatorNode, `the operator "${operator}" is not evaluated here: ${ADVICE}`);
    }
    const refused = node.getChild('MatchingModifierClause') ?? node.getChild('FillModifier');
    if (refused !== null) throw this.#error(refused, `"${this.#textOf(refused)}" is not evaluated here: ${ADVICE}`);
    // The grammar takes a sign for a part of the number, but a power binds more closely: -2 ^ 2 is -4.
    const isSigned =
      operator === '^' && node.firstChild!.name === 'NumberDurationLiteral' && this.#textOf(node).startsWith('-');
    const base = this.expression(node.firstChild!, depth + 1);
    const left = isSigned && base.kind === 'number' ? { ...base, value: -base.value } : base;
    const right = this.expression(node.lastChild!, depth + 1);
    const returnsBool = node.getChild('BoolModifier') !== null;
    const binary: Expression = { kind: 'binary', operator: operator as BinaryOperator, left, right, returnsBool };
    const types = [typeOf(left), typeOf(right)];
    if (types.includes('string')) {
      throw this.#error(node, 'binary expression must contain only scalar and instant vector types');
    }
    if (!types.includes('scalar')) {
      throw this.#error(node, `"${operator}" between two vectors is not evaluated here: ${ADVICE}`);
    }
    const compares = isComparison(binary.operator);
    if (returnsBool && !compares) throw this.#error(node, 'bool modifier can only be used on comparison operators');
    if (compares && !returnsBool && !types.includes('vector')) {
      throw this.#error(node, 'comparisons between scalars must use BOOL modifier');
    }
    return isSigned ? { kind: 'negation', operand: binary } : binary;
  }

  #selector(node: SyntaxNode): Selector {
    if (++this.#selectors > MAX_SELECTORS) throw this.#error(node, `more than ${MAX_SELECTORS} selectors`);
    try {
      return {
        kind: 'selector',
        matchers: parseSelector(this.#textOf(node), REQUEST_LIMITS),
        offsetMs: 0,
        at: undefined,
      };
    } catch (cause) {
      throw this.#error(node, (cause as Error).message, { cause });
    }
  }

  #offset(node: SyntaxNode, depth: number): Selector {
    const selector = this.#modified(node, depth, 'offset');
    const duration = node.getChild('OffsetDurationExpr')!;
    const offsetMs = this.#literal(duration, parseDurationLiteral);
    if (offsetMs === undefined) throw this.#error(duration, `the duration is not evaluated here: ${ADVICE}`);
    if (selector.offsetMs !== 0) throw this.#error(node, 'offset may not be set multiple times');
    return { ...selector, offsetMs };
  }

  #at(node: SyntaxNode, depth: number): Selector {
    const selector = this.#modified(node, depth, '@');
    if (selector.at !== undefined) throw this.#error(node, '@ <timestamp> may not be set multiple times');
    const preprocessor = node.getChild('AtModifierPreprocessors');
    if (preprocessor !== null) {
      return { ...selector, at: this.#textOf(preprocessor).toLowerCase() === 'start' ? 'start' : 'end' };
    }
    const timeMs = this.#literal(node.getChild('NumberDurationLiteral')!, parseNumberLiteral) * 1000;
    if (!Number.isSafeInteger(Math.round(timeMs))) throw this.#error(node, 'timestamp out of bounds for @ modifier');
    return { ...selector, at: Math.round(timeMs) };
  }

  #literal<T>(node: SyntaxNode, parse: (text: string) => T): T {
    try {
      return parse(this.#textOf(node));
    } catch (cause) {
      if (!(cause instanceof UsageError)) throw cause;
      throw this.#error(node, 'duration out of range', { cause });
    }
  }

  /** The selector that a modifier applies to. */
  #modified(node: SyntaxNode, depth: number, modifier: string): Selector {
    const operand = node.firstChild!;
    const isSelector = ['VectorSelector', 'OffsetExpr', 'StepInvariantExpr'].includes(operand.name);
    const expression = this.expression(operand, depth + 1);
    if (isSelector && expression.kind === 'selector') return expression;
    throw this.#error(node, `${modifier} modifier must be preceded by an instant vector selector`);
  }

  #string(node: SyntaxNode): string {
    const token = this.#textOf(node);
    if (token.length < 2 || token.at(-1) !== token[0]) throw this.#error(node, 'unterminated quoted string');
    try {
      return unquote(token);
    } catch (cause) {
      throw this.#error(node, (cause as Error).message, { cause });
    }
  }

  /** What of PromQL was asked for that is not evaluated here. */
  #refusal(node: SyntaxNode): PromqlError {
    if (node.name === 'FunctionCall') return this.#error(node, refusalOf(this.#textOf(node.firstChild!)));
    const what = {
      AggregateExpr: `the aggregation ${this.#textOf(node.firstChild!)}()`,
      MatrixSelector: 'a range selector',
      SubqueryExpr: 'a subquery',
    }[node.name];
    return this.#error(node, `${what ?? `"${this.#textOf(node)}"`} is not evaluated here: ${ADVICE}`);
  }

  #textOf({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to);
  }

  #error({ from }: SyntaxNode, message: string, options?: ErrorOptions): PromqlError {
    return parseError(this.#text, from, message, options);
  }
}

/** The expression inside parentheses, or behind a sign. */
function operandOf(node: SyntaxNode): SyntaxNode {
  let child = node.firstChild!;
  while (child.name === 'UnaryOp' || child.name === '(') child = child.nextSibling!;
  return child;
}

/** The text without its comments, and its tree. */
function treeOf(text: string): { plain: string; root: SyntaxNode } {
  const root = parseStrictly(text);
  const plain = withoutComments(text, root);
  return { plain, root: plain === text ? root : parseStrictly(plain) };
}

/** The text with its comments, which are allowed between any two tokens, replaced by spaces. */
function withoutComments(text: string, root: SyntaxNode): string {
  const parts: string[] = [];
  let at = 0;
  root.cursor().iterate(({ name, from, to }) => {
    if (name !== 'LineComment') return;
    parts.push(text.slice(at, from), ' '.repeat(to - from));
    at = to;
  });
  return parts.join('') + text.slice(at);
}

/** The tree of a text that is in the grammar as a whole. */
function parseStrictly(text: string): SyntaxNode {
  try {
    return parser.parse(text).topNode;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    // "No parse at 17": the position of the first unexpected token.
    const position = Number(/\d+$/.exec(cause.message)?.[0] ?? 0);
    const called = text[position] === '(' ? /[a-zA-Z_]\w*(?=\s*$)/.exec(text.slice(0, position)) : null;
    if (called !== null) throw new UnknownFunction(text, called.index, called[0], { cause });
    throw parseError(text, position, `unexpected ${tokenAt(text, position)}`, { cause });
  }
}

/** Counts parentheses, in strings too: nobody writes a query with that many in its strings. */
function isNestedDeeper(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')') depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}

function tokenAt(text: string, position: number): string {
  const token = /^\s*(\w+|\S)/.exec(text.slice(position))?.[1];
  return token === undefined ? 'end of input' : JSON.stringify(token);
}

/** Why the function is not evaluated, and where it is. */
function refusalOf(name: string): string {
  return `the function ${name}() is not evaluated here: ${name.startsWith('histogram_') ? HISTOGRAM_ADVICE : ADVICE}`;
}

function parseError(text: string, position: number, message: string, options?: ErrorOptions): PromqlError {
  return new PromqlError('parse', atPosition(text, position, message), options);
}

/** In the form of Prometheus' own parser: line and column, both from 1. */
function atPosition(text: string, position: number, message: string): string {
  const before = text.slice(0, position).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}: parse error: ${message}`;
}
