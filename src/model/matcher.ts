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

/** Alternatives without any metacharacter, in a group or not: `a|b|c`, `(a|b)`, or a single literal. */
const LITERALS = /^(?:([^\\.+*?()[\]{}^$]*)|\((?:\?:)?([^\\.+*?()[\]{}^$]*)\))$/;
/** A literal, then anything: `node_.*`, `node_.+`, and with an empty literal `.*` and `.+`. */
const PREFIX = /^([^\\.+*?()[\]{}^$|]*)\.([*+])$/;

function compileExpression(expression: string): (text: string) => boolean {
  // Fast paths: most expressions people write are one of these two, and 3 times as fast without the regex engine
  // (bench matchers).
  const [, bare, grouped] = LITERALS.exec(expression) ?? [];
  const literals = bare ?? grouped;
  if (literals !== undefined) {
    const alternatives = new Set(literals.split('|'));
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

/** Compiled expressions of this size can take 1.5 s on a label value of 4 KiB, and a reader's request may bring them. */
const MAX_INSTRUCTIONS = 10_000;
/** Times the greatest repetition count; compiling what is just below takes half a second, far above many seconds. */
const MAX_CHARACTERS = 20_000;

function compileRegex(expression: string): RE2JS {
  const counts = [...expression.matchAll(/\{(?:\d+,)?(\d+),?\}/g)].map(([, count]) => Number(count));
  if (expression.length * Math.max(1, ...counts) > MAX_CHARACTERS)
    throw new MatcherError('the expression is too large');
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(expression, RE2JS.DOTALL);
  } catch (cause) {
    // RE2JS spells the DOTALL flag as a prefix that the author of the expression never wrote.
    const reason = cause instanceof Error ? cause.message.replace('`(?s)', '`') : String(cause);
    throw new MatcherError(reason, { cause });
  }
  if (regex.programSize() > MAX_INSTRUCTIONS) throw new MatcherError('the expression is too large');
  return regex;
}
