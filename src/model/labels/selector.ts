import { METRIC_NAME, quote } from './labels.js';
import { compileMatchers, hasExpression, type Matcher, type MatcherLimits } from './matcher.js';
import { unquote } from './promql-string.js';

/** Thrown by `parseSelector`; the message has the reason, the position and the text from there on. */
export class SelectorError extends Error {
  override name = 'SelectorError';
  /** Index of the offending character. */
  readonly position: number;

  constructor(reason: string, text: string, position: number, options?: ErrorOptions) {
    const rest = /.{0,30}/.exec(text.slice(position))![0];
    super(`${reason} at character ${position + 1}${rest === '' ? ', the end' : `: ${rest}`}`, options);
    this.position = position;
  }
}

/**
 * Parses a PromQL instant vector selector, such as `up{job=~"a|b"}` or `{"utf.8 name", "label.x"!="v"}`, into its
 * matchers; a metric name becomes a matcher on `__name__` and comes first. Like Prometheus it refuses a selector whose
 * matchers all accept the empty string, because a typo would select everything. Throws `SelectorError`, also for expressions over
 * `limits` (those of the configuration where none are given).
 */
export function parseSelector(text: string, limits?: MatcherLimits): Matcher[] {
  const scanner: Scanner = { text, position: 0, limits, refusesEmpty: new Set() };
  take(scanner, SPACE);
  const name = take(scanner, /[a-zA-Z_:][a-zA-Z0-9_:]*/y);
  const matchers: Matcher[] = name === undefined ? [] : [{ name: METRIC_NAME, type: '=', value: name }];
  if (take(scanner, /\{/y) !== undefined) parseBraces(scanner, matchers);
  else if (name === undefined) throw failure(scanner, 'expected a metric name or "{"');
  if (scanner.position < text.length) throw failure(scanner, whyNotOver(text.slice(scanner.position)));
  if (
    matchers.every((matcher) => !scanner.refusesEmpty.has(matcher) && (matcher.type !== '=' || matcher.value === ''))
  ) {
    throw new SelectorError('at least one matcher must not match the empty string', text, 0);
  }
  return matchers;
}

/** The matchers as PromQL writes a selector, every name in braces: `{__name__="up", job=~"a|b"}`. */
export function formatSelector(matchers: readonly Matcher[]): string {
  const texts = matchers.map(({ name, type, value }) => {
    return `${isPlainName(name) ? name : quote(name)}${type}${quote(value)}`;
  });
  return `{${texts.join(', ')}}`;
}

/** Whether a label of this name needs no quotes in a selector, which Prometheus before 3.0 does not know. */
export function isPlainName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

interface Scanner {
  readonly text: string;
  position: number;
  readonly limits: MatcherLimits | undefined;
  /** Matchers that the empty string does not meet, of those that were compiled. */
  readonly refusesEmpty: Set<Matcher>;
}

/** The text between the braces, through the closing one. */
function parseBraces(scanner: Scanner, matchers: Matcher[]): void {
  let named = matchers.length > 0;
  while (take(scanner, /\}/y) === undefined) {
    const { position } = scanner;
    const quoted = takeString(scanner);
    const label = quoted ?? take(scanner, /[a-zA-Z_][a-zA-Z0-9_]*/y);
    if (label === undefined || label === '') throw failure(scanner, 'expected a label name or "}"', position);
    const type = take(scanner, /=~|!~|!=|=/y) as Matcher['type'] | undefined;
    if (type !== undefined) {
      if (named && label === METRIC_NAME) throw failure(scanner, 'duplicate metric name', position);
      if (type.endsWith('~') && matchers.filter(hasExpression).length === scanner.limits?.maxExpressions) {
        throw failure(scanner, `more than ${scanner.limits.maxExpressions} expressions`, position);
      }
      matchers.push(takeValue(scanner, label, type));
    } else if (quoted !== undefined) {
      // A quoted name without an operator is the metric's.
      if (matchers.some((matcher) => matcher.name === METRIC_NAME)) {
        throw failure(scanner, 'duplicate metric name', position);
      }
      matchers.unshift({ name: METRIC_NAME, type: '=', value: quoted });
      named = true;
    } else {
      throw failure(scanner, 'expected one of = != =~ !~');
    }
    if (take(scanner, /,/y) === undefined && scanner.text[scanner.position] !== '}') {
      throw failure(scanner, 'expected "," or "}"');
    }
  }
}

function takeValue(scanner: Scanner, name: string, type: Matcher['type']): Matcher {
  const { position } = scanner;
  const value = takeString(scanner);
  if (value === undefined) throw failure(scanner, 'expected a quoted value');
  const matcher = { name, type, value };
  try {
    if (!compileMatchers([matcher], scanner.limits)([])) scanner.refusesEmpty.add(matcher);
  } catch (cause) {
    throw failure(scanner, (cause as Error).message, position, { cause });
  }
  return matcher;
}

/** The text of a string in one of PromQL's three quotes; undefined where none begins. */
function takeString(scanner: Scanner): string | undefined {
  const { position } = scanner;
  const quote = /["'`]/.exec(scanner.text[position] ?? '')?.[0];
  if (quote === undefined) return undefined;
  const token = take(scanner, STRINGS[quote]!);
  if (token === undefined) throw failure(scanner, 'unterminated quoted string');
  try {
    return unquote(token);
  } catch (cause) {
    throw failure(scanner, (cause as Error).message, position, { cause });
  }
}

const STRINGS: Readonly<Record<string, RegExp>> = {
  '"': /"(?:[^"\\\n]|\\[^\n])*"/y,
  "'": /'(?:[^'\\\n]|\\[^\n])*'/y,
  '`': /`[^`]*`/y,
};

const SPACE = /(?:[ \t\r\n]|#.*)+/y;

/** The next token and the space after it; undefined, and nothing consumed, where something else follows. */
function take(scanner: Scanner, token: RegExp): string | undefined {
  token.lastIndex = scanner.position;
  const found = token.exec(scanner.text)?.[0];
  if (found === undefined) return undefined;
  scanner.position += found.length;
  if (token !== SPACE) take(scanner, SPACE);
  return found;
}

function failure(scanner: Scanner, reason: string, position = scanner.position, options?: ErrorOptions): SelectorError {
  return new SelectorError(reason, scanner.text, position, options);
}

/** A hint for somebody who wrote more than a selector. */
function whyNotOver(rest: string): string {
  if (rest.startsWith('[')) return 'unexpected range: a selector selects series, not samples';
  if (/^(offset\b|@)/i.test(rest)) return 'unexpected offset or @: a selector selects series, not samples';
  if (rest.startsWith('(')) return 'unexpected function call: expected a series selector';
  return 'expected the end of the selector';
}
