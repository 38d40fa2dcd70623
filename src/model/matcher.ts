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
 * model/labels/matcher.go, regexp.go). The test runs in time linear in the label values, and matches an expression once for
 * each value it meets, not once for each series. `maxInstructions` bounds the size of a compiled expression, which is what
 * a character of a label value costs. Throws `MatcherError`.
 */
export function compileMatchers(
  matchers: readonly Matcher[],
  { maxInstructions = MAX_INSTRUCTIONS }: { readonly maxInstructions?: number } = {},
): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => ({ name: matcher.name, accepts: compileMatcher(matcher, maxInstructions) }));
  return (labels) => {
    for (const { name, accepts } of tests) {
      if (!accepts(labelValue(labels, name))) return false;
    }
    return true;
  };
}

function compileMatcher({ type, value }: Matcher, maxInstructions: number): (text: string) => boolean {
  switch (type) {
    case '=':
      return (text) => text === value;
    case '!=':
      return (text) => text !== value;
    case '=~':
      return compileExpression(value, maxInstructions);
    case '!~': {
      const matches = compileExpression(value, maxInstructions);
      return (text) => !matches(text);
    }
  }
}

/** Alternatives without any metacharacter, in a group or not: `a|b|c`, `(a|b)`, or a single literal. */
const LITERALS = /^(?:([^\\.+*?()[\]{}^$]*)|\((?:\?:)?([^\\.+*?()[\]{}^$]*)\))$/;
/** A literal, then anything: `node_.*`, `node_.+`, and with an empty literal `.*` and `.+`. */
const PREFIX = /^([^\\.+*?()[\]{}^$|]*)\.([*+])$/;

function compileExpression(expression: string, maxInstructions: number): (text: string) => boolean {
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
  const regex = compileRegex(expression, maxInstructions);
  return remembering((text) => regex.testExact(text));
}

/** Answers for this many label values are remembered at most; then the memory begins anew. */
const MAX_REMEMBERED = 10_000;

/** The same function, which is asked once for each of many values. */
function remembering(test: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const answer = test(text);
    known.set(text, answer);
    return answer;
  };
}

/** Compiled expressions of this size can take 1.5 s on a label value of 4 KiB, and a reader's request may bring them. */
const MAX_INSTRUCTIONS = 10_000;
/** For expressions that come with a request: at this size a label value of 4 KiB takes some 0.1 s, which no pause can cut. */
export const MAX_REQUEST_INSTRUCTIONS = 1_000;
/** Times the greatest repetition count; compiling what is just below takes half a second, far above many seconds. */
const MAX_CHARACTERS = 20_000;

function compileRegex(expression: string, maxInstructions: number): RE2JS {
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
  if (regex.programSize() > maxInstructions) throw new MatcherError('the expression is too large');
  return regex;
}
