import { RE2JS } from 're2js';
import { blockLabelValue } from './block-label.js';
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

/** What the expressions of a list of matchers may cost. */
export interface MatcherLimits {
  /** Matchers with an expression, `=~` and `!~`. */
  readonly maxExpressions: number;
  /** Size of a compiled expression: what a character of a label value costs. */
  readonly maxInstructions: number;
  /** Length of an expression times its greatest repetition count: what compiling it costs. */
  readonly maxCharacters: number;
}

/** At these sizes a label value of 4 KiB takes 1.5 s, and compiling half a second: for expressions of the configuration. */
const CONFIGURED: MatcherLimits = {
  maxExpressions: Number.POSITIVE_INFINITY,
  maxInstructions: 10_000,
  maxCharacters: 20_000,
};
/**
 * For expressions that come with a request: all those of a selector are compiled in some 0.1 s, and one of them takes as long
 * for a label value of 4 KiB; neither can be cut by a pause.
 */
export const REQUEST_LIMITS: MatcherLimits = { maxExpressions: 16, maxInstructions: 1_000, maxCharacters: 2_000 };

/**
 * Compiles matchers into one test: whether a series meets all of them. A label that a series lacks counts as the empty
 * string, and expressions are anchored at both ends with `.` matching newlines (prometheus/prometheus
 * model/labels/matcher.go, regexp.go). The test runs in time linear in the label values, and matches an expression once for
 * each value it meets, not once for each series. Throws `MatcherError`, also for what is over `limits`.
 */
export function compileMatchers(
  matchers: readonly Matcher[],
  limits: MatcherLimits = CONFIGURED,
): (labels: Labels) => boolean {
  const { accepts } = compileForBlocks(matchers, limits);
  return accepts;
}

/** The test of `compileMatchers`, of labels and of canonical label blocks. */
export interface SeriesTest {
  readonly accepts: (labels: Labels) => boolean;
  /** Decodes only the labels that the matchers name. */
  readonly acceptsBlock: (block: Uint8Array) => boolean;
}

/** As `compileMatchers`, for those who have the blocks of many series rather than their labels. */
export function compileForBlocks(matchers: readonly Matcher[], limits: MatcherLimits): SeriesTest {
  if (matchers.filter(hasExpression).length > limits.maxExpressions) {
    throw new MatcherError(`more than ${limits.maxExpressions} expressions`);
  }
  const tests = matchers.map((matcher) => ({
    name: matcher.name,
    bytes: Buffer.from(matcher.name),
    accepts: compileMatcher(matcher, limits),
  }));
  return {
    accepts: (labels) => {
      for (const { name, accepts } of tests) {
        if (!accepts(labelValue(labels, name))) return false;
      }
      return true;
    },
    acceptsBlock: (block) => {
      for (const { bytes, accepts } of tests) {
        if (!accepts(blockLabelValue(block, bytes))) return false;
      }
      return true;
    },
  };
}

/** Whether the value of a matcher is an expression. */
export function hasExpression({ type }: Matcher): boolean {
  return type === '=~' || type === '!~';
}

function compileMatcher({ type, value }: Matcher, limits: MatcherLimits): (text: string) => boolean {
  switch (type) {
    case '=':
      return (text) => text === value;
    case '!=':
      return (text) => text !== value;
    case '=~':
      return compileExpression(value, limits);
    case '!~': {
      const matches = compileExpression(value, limits);
      return (text) => !matches(text);
    }
  }
}

/** Alternatives without any metacharacter, in a group or not: `a|b|c`, `(a|b)`, or a single literal. */
const LITERALS = /^(?:([^\\.+*?()[\]{}^$]*)|\((?:\?:)?([^\\.+*?()[\]{}^$]*)\))$/;
/** A literal, then anything: `node_.*`, `node_.+`, and with an empty literal `.*` and `.+`. */
const PREFIX = /^([^\\.+*?()[\]{}^$|]*)\.([*+])$/;

function compileExpression(expression: string, limits: MatcherLimits): (text: string) => boolean {
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
  const regex = compileRegex(expression, limits);
  return remembering((text) => regex.testExact(text));
}

/** Results for at most this many label values are remembered; then the cache is cleared. */
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

function compileRegex(expression: string, { maxInstructions, maxCharacters }: MatcherLimits): RE2JS {
  const counts = [...expression.matchAll(/\{(?:\d+,)?(\d+),?\}/g)].map(([, count]) => Number(count));
  if (expression.length * Math.max(1, ...counts) > maxCharacters) throw new MatcherError('the expression is too large');
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
