/** Powers of ten that a double holds exactly, as far as they are needed here. */
const TENS = Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));
/** Two different decimals of 15 digits are never the same double: one that is the number is then the shortest. */
const MAX_SIGNIFICAND = 1e15;
const MAX_DECIMALS = 15;
/** Whole numbers of 32 bits are much faster to divide: as many digits at a time are. */
const HALF_DIGITS = 8;
const HALF = 1e8;
/** The most bytes that `DecimalWriter.write` takes. */
export const MAX_DECIMAL_BYTES = 26;
const ZERO = 0x30;
const POINT = 0x2e;
const MINUS = 0x2d;

/** The decimals of a multiple of 1/1,024, such as `.0009765625`, are looked up. */
const PARTS = 1024;
const PART_TEXTS = Array.from({ length: PARTS }, (_, i) => String(i / PARTS).slice(1));
const PART_WORDS = 2;
const PART_TEXT_WORDS = wordsOf(PART_TEXTS, PART_WORDS);
const PART_LENGTHS = lengthsOf(PART_TEXTS);
/** So are groups of four digits, with leading zeros and without, in words of four bytes. */
const FOUR = 10_000;
const FOUR_TEXTS = Array.from({ length: FOUR }, (_, i) => String(i));
const FOUR_LENGTHS = lengthsOf(FOUR_TEXTS);
const FIRST_DIGITS = Int32Array.from(FOUR_TEXTS, (text) => Buffer.from(text.padEnd(4)).readInt32LE());
const FOUR_DIGITS = Int32Array.from(FOUR_TEXTS, (text) => Buffer.from(text.padStart(4, '0')).readInt32LE());

/**
 * Writes numbers as Prometheus' HTTP API has them, digit by digit into bytes. Forecasts are rounded to a power of two
 * (see round-interval.ts), so most have few decimals, and no more than those before; the digits of a multiple of a 1,024th are
 * looked up. With it a matrix of 864,000 values takes a tenth of the time.
 */
export class DecimalWriter {
  /** How many decimals the numbers before had at most. */
  #decimals = 0;

  /** Writes a number at `at` and returns where it ends. There must be room for `MAX_DECIMAL_BYTES`; `view` is one of the same bytes. */
  write(bytes: Uint8Array, view: DataView, at: number, value: number): number {
    const size = Math.abs(value);
    const parts = (size * PARTS) | 0;
    // Such a number has at most 7 digits and 10 decimals, and is written exactly.
    if (parts === size * PARTS && parts > 0) {
      if (value < 0) bytes[at++] = MINUS;
      return writePart(view, writeShort(view, at, (parts / PARTS) | 0), parts % PARTS);
    }
    return this.#writeAny(bytes, at, value, size);
  }

  #writeAny(bytes: Uint8Array, at: number, value: number, size: number): number {
    if (!(size >= 1e-6 && size < MAX_SIGNIFICAND)) return writeText(bytes, at, formatValue(value));
    let decimals = this.#decimals;
    let significand = size * TENS[decimals]!;
    if (!isSame(significand, decimals, size)) {
      decimals = decimalsOf(size, significand < MAX_SIGNIFICAND ? decimals + 1 : 0);
      if (decimals > MAX_DECIMALS) return writeText(bytes, at, formatValue(value));
      this.#decimals = decimals;
      significand = size * TENS[decimals]!;
    }
    if (value < 0) bytes[at++] = MINUS;
    // Both have the same whole part, because every whole number is a decimal of 15 digits and a double too.
    const whole = Math.trunc(size);
    const fraction = significand - whole * TENS[decimals]!;
    if (decimals > HALF_DIGITS || whole >= HALF) return writeLong(bytes, at, whole, fraction, decimals);
    at = writeWhole(bytes, at, whole | 0);
    if (fraction === 0) return at;
    bytes[at] = POINT;
    at = writeDigits(bytes, at + 1, fraction | 0, decimals);
    while (bytes[at - 1] === ZERO) at--;
    return at;
  }
}

/** Writes a whole number below 10⁸ and returns where it ends. The rest of a word is overwritten by what follows. */
function writeShort(view: DataView, at: number, whole: number): number {
  const high = (whole / FOUR) | 0;
  const first = high === 0 ? whole : high;
  view.setInt32(at, FIRST_DIGITS[first]!, true);
  const end = at + FOUR_LENGTHS[first]!;
  if (high === 0) return end;
  view.setInt32(end, FOUR_DIGITS[whole - high * FOUR]!, true);
  return end + 4;
}

/** Writes the decimals of `part` / 1,024 with the point before them and returns where they end; nothing for 0. */
function writePart(view: DataView, at: number, part: number): number {
  view.setFloat64(at, PART_TEXT_WORDS[PART_WORDS * part]!, true);
  view.setFloat64(at + 8, PART_TEXT_WORDS[PART_WORDS * part + 1]!, true);
  return at + PART_LENGTHS[part]!;
}

/**
 * ASCII texts in words of eight bytes, `wordsEach` for each text. A word is kept as a double, because JavaScript moves those whole;
 * no ASCII text is the bytes of a NaN, which might change on the way.
 */
export function wordsOf(texts: readonly string[], wordsEach: number): Float64Array {
  const bytes = Buffer.from(texts.map((text) => text.padEnd(8 * wordsEach)).join(''));
  return Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
}

/** The length of each text in bytes: ASCII, under 256. */
export function lengthsOf(texts: readonly string[]): Uint8Array {
  return Uint8Array.from(texts, ({ length }) => length);
}

/** Whether `significand` ÷ 10^`decimals` is a decimal of no more than 15 digits that is this number. */
function isSame(significand: number, decimals: number, size: number): boolean {
  return (
    significand < MAX_SIGNIFICAND && Math.trunc(significand) === significand && significand / TENS[decimals]! === size
  );
}

/** The least number of decimals from `least` on that do; more than `MAX_DECIMALS` where none does. */
function decimalsOf(size: number, least: number): number {
  let decimals = least;
  while (decimals <= MAX_DECIMALS && !isSame(size * TENS[decimals]!, decimals, size)) {
    if (size * TENS[decimals]! >= MAX_SIGNIFICAND) return MAX_DECIMALS + 1;
    decimals++;
  }
  return decimals;
}

/** Writes `whole` and `fraction` ÷ 10^`decimals` where one of them is too long for 32 bits. */
function writeLong(bytes: Uint8Array, start: number, whole: number, fraction: number, decimals: number): number {
  let at = start;
  const high = Math.trunc(whole / HALF);
  if (high > 0) {
    at = writeWhole(bytes, at, high);
    at = writeDigits(bytes, at, whole - high * HALF, HALF_DIGITS);
  } else {
    at = writeWhole(bytes, at, whole);
  }
  if (fraction === 0) return at;
  bytes[at++] = POINT;
  const more = Math.max(0, decimals - HALF_DIGITS);
  const first = Math.trunc(fraction / TENS[decimals - more]!);
  if (more > 0) at = writeDigits(bytes, at, first, more);
  at = writeDigits(bytes, at, fraction - first * TENS[decimals - more]!, decimals - more);
  while (bytes[at - 1] === ZERO) at--;
  return at;
}

/** Writes a whole number of 32 bits and returns where it ends. */
function writeWhole(bytes: Uint8Array, start: number, value: number): number {
  let digits = 1;
  for (let rest = (value / 10) | 0; rest > 0; rest = (rest / 10) | 0) digits++;
  return writeDigits(bytes, start, value, digits);
}

/** Writes a whole number of 32 bits with so many digits, zeros before it where it has fewer, and returns where it ends. */
function writeDigits(bytes: Uint8Array, start: number, value: number, digits: number): number {
  const end = start + digits;
  let rest = value;
  for (let at = end - 1; at >= start; at--) {
    const tenth = (rest / 10) | 0;
    bytes[at] = ZERO + rest - 10 * tenth;
    rest = tenth;
  }
  return end;
}

function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/**
 * A value as Prometheus' HTTP API writes it (prometheus/prometheus util/jsonutil, MarshalFloat): the shortest decimal that
 * is the same number, with an exponent below 1e-6 and from 1e21 on, as in JavaScript, but of two digits at least.
 */
export function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (Object.is(value, -0)) return '-0';
  return String(value).replace(/e([+-])(\d)$/, (_, sign, digit) => `e${sign}0${digit}`);
}
