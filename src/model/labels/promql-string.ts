import { UsageError } from '../../lib/errors.js';

/** `\xHH` and octal escapes are bytes, the other ones characters (prometheus/prometheus util/strutil/quote.go). */
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gsu;
const LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of a PromQL string: `token` with its quotes, `"…"` and `'…'` with Go's escapes, `` `…` `` without any.
 * Throws `UsageError` for an escape PromQL does not know, and for bytes that are not UTF-8.
 */
export function unquote(token: string): string {
  const quote = token[0]!;
  const body = token.slice(1, -1);
  if (quote === '`' || !body.includes('\\')) return body;
  const bytes: Uint8Array[] = [];
  let done = 0;
  for (const match of body.matchAll(ESCAPE)) {
    bytes.push(Buffer.from(body.slice(done, match.index)), unescapeOne(match, quote));
    done = match.index + match[0].length;
  }
  bytes.push(Buffer.from(body.slice(done)));
  try {
    return utf8.decode(Buffer.concat(bytes));
  } catch (cause) {
    throw new UsageError('the escape sequences are not valid UTF-8', { cause });
  }
}

function unescapeOne([sequence, hex, octal, short, long, char = '']: RegExpExecArray, quote: string): Uint8Array {
  const byte = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16);
  if (byte <= 0xff) return Buffer.of(byte);
  const point = Number.parseInt(short ?? long ?? '', 16);
  if (point < 0xd800 || (point > 0xdfff && point <= 0x10ffff)) return Buffer.from(String.fromCodePoint(point));
  const letter = char === quote ? quote : LETTERS[char];
  if (letter === undefined) throw new UsageError(`unknown escape ${sequence}`);
  return Buffer.from(letter);
}
