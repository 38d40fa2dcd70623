/** A string, a number or a name that is longer is none that we ask for: a label value has 4 KiB at most by default. */
const MAX_TOKEN_BYTES = 64 * 1024;
/** Prometheus' answers have seven levels. */
const MAX_DEPTH = 32;
/** Of what is passed over: a warning, statistics, names that we do not know. */
const MAX_SKIPPED_BYTES = 2 ** 20;
const MAX_SKIPPED_VALUES = 50_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Why a text is not the JSON that is expected; says at which byte. */
export class JsonError extends Error {
  override name = 'JsonError';
}

/**
 * Reads JSON piece by piece, as far as its caller asks: nothing is made of the whole, so that an answer of any shape takes no
 * more time at one go, and no more memory, than one piece of it. The caller knows what comes next; anything else, and
 * what is nested too deeply or too long, throws `JsonError`.
 */
export class JsonReader {
  readonly #bytes: Uint8Array;
  readonly #text = new TextDecoder('utf-8', { fatal: true });
  #pos = 0;
  #skippedBytes = 0;
  #skippedValues = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The names of an object; the caller reads the value of each, or skips it, before it asks for the next. */
  *names(): Generator<string> {
    for (const _ of this.#items(OPEN_OBJECT, CLOSE_OBJECT, 'an object')) {
      const name = this.string();
      this.#expect(COLON, '":"');
      yield name;
    }
  }

  /** Stops at each element of an array, to be read or skipped before the next is asked for. */
  elements(): Generator<void> {
    return this.#items(OPEN_ARRAY, CLOSE_ARRAY, 'an array');
  }

  /** Begins an array whose elements are known: `next` between two of them, `close` after the last. */
  open(): void {
    this.#expect(OPEN_ARRAY, 'an array');
  }

  next(): void {
    this.#expect(COMMA, '","');
  }

  close(): void {
    this.#expect(CLOSE_ARRAY, 'the end of an array');
  }

  string(): string {
    this.#expect(QUOTE, 'a string');
    const start = this.#pos;
    this.#passString(MAX_TOKEN_BYTES);
    const raw = this.#bytes.subarray(start, this.#pos - 1);
    try {
      return raw.includes(BACKSLASH) ? (JSON.parse(`"${this.#text.decode(raw)}"`) as string) : this.#text.decode(raw);
    } catch {
      throw this.#error('a string', start);
    }
  }

  number(): number {
    const start = this.#skipSpace();
    this.#passWord('a number');
    const text = String.fromCharCode(...this.#bytes.subarray(start, Math.min(this.#pos, start + 40)));
    // What JavaScript takes for a number and JSON does not: '', '0x1'.
    const value = /^-?\d/.test(text) && !/[xob]/i.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(value)) throw this.#error('a number', start);
    return value;
  }

  /** Passes over a value of any kind. */
  skip(): void {
    const start = this.#skipSpace();
    if (++this.#skippedValues > MAX_SKIPPED_VALUES)
      throw this.#error(`no more than ${MAX_SKIPPED_VALUES} other values`);
    const closing: number[] = [];
    do {
      this.#skipSpace();
      const byte = this.#bytes[this.#pos];
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        closing.push(byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY);
        if (closing.length > MAX_DEPTH) throw this.#error(`no more than ${MAX_DEPTH} levels`);
        this.#pos++;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (closing.pop() !== byte) throw this.#error('a value');
        this.#pos++;
      } else if (byte === QUOTE) {
        this.#pos++;
        this.#passString(MAX_SKIPPED_BYTES);
      } else if (closing.length > 0 && (byte === COMMA || byte === COLON)) {
        // Their position does not matter in values that nobody reads.
        this.#pos++;
      } else {
        this.#passWord();
      }
      if (this.#skippedBytes + this.#pos - start > MAX_SKIPPED_BYTES) {
        throw this.#error(`no more than ${MAX_SKIPPED_BYTES} bytes of anything else`, start);
      }
    } while (closing.length > 0);
    this.#skippedBytes += this.#pos - start;
  }

  /** Throws unless nothing follows. */
  end(): void {
    if (this.#skipSpace() < this.#bytes.length) throw this.#error('the end');
  }

  *#items(open: number, close: number, what: string): Generator<void> {
    this.#expect(open, what);
    this.#skipSpace();
    if (this.#bytes[this.#pos] === close) {
      this.#pos++;
      return;
    }
    for (;;) {
      yield;
      this.#skipSpace();
      const byte = this.#bytes[this.#pos++];
      if (byte === close) return;
      if (byte !== COMMA) throw this.#error(`the end of ${what}`, this.#pos - 1);
    }
  }

  #expect(byte: number, what: string): void {
    this.#skipSpace();
    if (this.#bytes[this.#pos] !== byte) throw this.#error(what);
    this.#pos++;
  }

  /** Goes behind the quote that ends a string. */
  #passString(maxBytes: number): void {
    const start = this.#pos;
    const end = Math.min(this.#bytes.length, start + maxBytes);
    while (this.#pos < end) {
      const byte = this.#bytes[this.#pos];
      if (byte === QUOTE) {
        this.#pos++;
        return;
      }
      this.#pos += byte === BACKSLASH ? 2 : 1;
    }
    throw this.#error(`the end of a string of at most ${maxBytes} bytes`, start);
  }

  /** Goes behind a number, `true`, `false` or `null`. */
  #passWord(what = 'a value'): void {
    const start = this.#pos;
    const end = start + MAX_TOKEN_BYTES;
    while (this.#pos < end && isOfWord(this.#bytes[this.#pos])) this.#pos++;
    if (this.#pos === start) throw this.#error(what);
  }

  #skipSpace(): number {
    const end = this.#pos + MAX_TOKEN_BYTES;
    while (isSpace(this.#bytes[this.#pos]) && this.#pos < end) this.#pos++;
    if (this.#pos === end) throw this.#error(`no more than ${MAX_TOKEN_BYTES} bytes of white space`);
    return this.#pos;
  }

  #error(expected: string, pos = this.#pos): JsonError {
    return new JsonError(`the response is not the expected JSON: expected ${expected} at byte ${pos}`);
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Letters, digits, `+`, `-` and `.`. */
function isOfWord(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}
