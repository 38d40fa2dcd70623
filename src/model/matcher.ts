import { RE2JS } from 're2js';
import { type Labels, labelValue } from './labels.js';

/** A PromQL label matcher. For `=~` and `!~` the value is an RE2 expression, matched against the whole label value. */
export interface Matcher {
  readonly name: string;
  readonly type: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** Thrown by `compileMatchers` for an expression that is not RE2 syntax; the message says why. */
export class MatcherError extends Error {
  override name = 'MatcherError';
}

/**
 * Compiles matchers into one test: whether a series meets all of them. A label that a series lacks counts as the empty
 * string, and expressions are anchored at both ends with `.` matching newlines (prometheus/prometheus
 * model/labels/matcher.go, regexp.go). The test runs in time linear in the label values. Throws `MatcherError`.
 */
export function compileMatchers(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => ({ name: matcher.name, accepts: compileMatcher(matcher) }));
  return (labels) => {
    for (const { name, accepts } of tests) {
      if (!accepts(labelValue(labels, name))) return false;
    }
    return true;
  };
}

function compileMatcher({ type, value }: Matcher): (text: string) => boolean {
  switch (type) {
    case '=':
      return (text) => text === value;
    case '!=':
      return (text) => text !== value;
    case '=~':
      return compileExpression(value);
    case '!~': {
      const matches = compileExpression(value);
      return (text) => !matches(text);
    }
  }
}

/** Alternatives without any metacharacter: `a|b|c`, or a single literal. */
const LITERALS = /^[^\\.+*?()[\]{}^$]*$/;
/** A literal, then anything: `node_.*`, `node_.+`, and with an empty literal `.*` and `.+`. */
const PREFIX = /^([^\\.+*?()[\]{}^$|]*)\.([*+])$/;

function compileExpression(expression: string): (text: string) => boolean {
  // Fast paths: most matchers people write need no regex engine.
  if (LITERALS.test(expression)) {
    const alternatives = new Set(expression.split('|'));
    return (text) => alternatives.has(text);
  }
  const [, prefix, repeat] = PREFIX.exec(expression) ?? [];
  if (prefix !== undefined) {
    const minLength = prefix.length + (repeat === '+' ? 1 : 0);
    return (text) => text.length >= minLength && text.startsWith(prefix);
  }

  // Slow path.
  const regex = compileRegex(expression);
  return (text) => regex.testExact(text);
}

function compileRegex(expression: string): RE2JS {
  try {
    return RE2JS.compile(expression, RE2JS.DOTALL);
  } catch (cause) {
    // RE2JS spells the DOTALL flag as a prefix that the author of the expression never wrote.
    const reason = cause instanceof Error ? cause.message.replace('`(?s)', '`') : String(cause);
    throw new MatcherError(reason, { cause });
  }
}
