import { SnappyDecoder } from '#src/wire/core/snappy.js';
import type { Random } from '../ordinary-days/random.js';
import type { SimulatedClock } from './clock.js';
import type { Answer, Request } from './network.js';

/** How a target behaves. One that is lying says that it took what it did not. */
export const MOODS = [
  'well',
  'refusing',
  'busy',
  'failing',
  'failing after storing',
  'small',
  'redirecting',
  'hanging',
  'half-closing',
  'resetting',
  'down',
  'lying',
] as const;
export type Mood = (typeof MOODS)[number];

/** Prometheus refuses what is further ahead of its clock (storage/remote/write_handler.go, maxAheadTime). */
const MAX_AHEAD_MS = 10 * 60_000;
const SMALL_BYTES = 200;

/** Samples of a series that are remembered: those of more than half a day. Nothing older is sent. */
const MAX_KNOWN = 200;

/** What a target takes, and what it remembers of it. */
interface TargetRules {
  /** How far ahead of the clock a sample may be. */
  readonly maxAheadMs: number;
  /** A sample that is older than the newest by up to this is a fault; by more, the clock was behind at a time of which it has nothing. */
  readonly orderedMs: number;
  /** Whether samples with these labels are looked at; others are taken and forgotten. */
  readonly isKept: (labels: string) => boolean;
}

/** Those of a Prometheus. */
export const PROMETHEUS: TargetRules = {
  maxAheadMs: MAX_AHEAD_MS,
  orderedMs: Number.POSITIVE_INFINITY,
  isKept: () => true,
};

/** Those of one that is written to by a clock which may be hours behind. */
export const PROMETHEUS_OF_ANY_CLOCK: TargetRules = { ...PROMETHEUS, orderedMs: MAX_AHEAD_MS };

/** Those of a store of which only the curves of the future are looked at. */
export const FUTURE_STORE: TargetRules = {
  maxAheadMs: Number.POSITIVE_INFINITY,
  orderedMs: Number.POSITIVE_INFINITY,
  isKept: (labels) => labels.includes('sentio\x12\x08forecast'),
};

/** A store that takes forecasts: stores by its rules, and behaves as it pleases. */
export class WriteTarget {
  mood: Mood = 'well';
  /** By labels, as they come over the wire, then by time: what it has stored lately. */
  readonly stored = new Map<string, Map<number, number>>();
  readonly #newestMs = new Map<string, number>();
  /** Samples that contradict what is stored: nobody may ever send one. */
  readonly contradictions: string[] = [];
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  readonly #snappy = new SnappyDecoder();
  readonly #rules: TargetRules;

  constructor(clock: SimulatedClock, random: Random, rules: TargetRules) {
    this.#clock = clock;
    this.#random = random;
    this.#rules = rules;
  }

  serve(request: Request): Answer | 'refuse' | 'reset' | 'hang' {
    const random = this.#random;
    switch (this.mood) {
      case 'well':
        return this.#store(request);
      case 'refusing':
        return random.uniform() < 0.5 ? text(400, 'no') : this.#store(request);
      case 'busy':
        return random.uniform() < 0.2
          ? text(429, 'later', { 'retry-after': String(Math.ceil(random.uniform() * 120)) })
          : text(503, 'later');
      case 'failing':
        return text(500, 'broken');
      case 'failing after storing':
        this.#store(request);
        return text(500, 'broken');
      case 'small':
        return request.body.length > SMALL_BYTES ? text(413, 'too large') : this.#store(request);
      case 'redirecting':
        return text(302, '', { location: 'http://elsewhere/' });
      case 'hanging':
        if (random.uniform() < 0.5) this.#store(request);
        return 'hang';
      case 'half-closing':
        return { ...this.#store(request), body: Buffer.from('x'.repeat(100)), isBrokenOff: true };
      case 'resetting':
        if (random.uniform() < 0.5) this.#store(request);
        return 'reset';
      case 'down':
        return 'refuse';
      case 'lying':
        return { status: 200, headers: { 'retry-after': '-1' }, body: Buffer.from('\0{"status": "error"}') };
    }
  }

  /** What is stored of the series with this name, the one without a horizon. */
  samples(name: string): ReadonlyMap<number, number> {
    const field = `__name__\x12${String.fromCharCode(name.length)}${name}`;
    const [key = ''] = [...this.stored.keys()].filter(
      (labels) => labels.includes(field) && !labels.includes('horizon'),
    );
    return this.stored.get(key) ?? new Map<number, number>();
  }

  /** The newest sample of anything; −Infinity where there is none. */
  get newestMs(): number {
    return Math.max(Number.NEGATIVE_INFINITY, ...this.#newestMs.values());
  }

  /** As Prometheus: all of a request or nothing. */
  #store({ body }: Request): Answer {
    const { maxAheadMs, orderedMs, isKept } = this.#rules;
    const sent = [...decodeRequest(Buffer.from(this.#snappy.decode(body, 1e9)))];
    const samples = sent.filter(({ labels }) => isKept(labels));
    for (const { labels, value, timeMs } of samples) {
      if (timeMs > this.#clock.nowMs + maxAheadMs) return text(400, 'out of bounds');
      const before = this.stored.get(labels)?.get(timeMs);
      if (before !== undefined) {
        if (Object.is(before, value)) continue;
        this.#contradict(labels, timeMs, `${value} after ${before}`);
        return text(400, 'duplicate sample for timestamp');
      }
      const newestMs = this.#newestMs.get(labels) ?? 0;
      if (timeMs < newestMs) {
        if (timeMs > newestMs - orderedMs) this.#contradict(labels, timeMs, 'out of order');
        return text(400, 'out of order sample');
      }
    }
    for (const { labels, value, timeMs } of samples) {
      const known = this.stored.get(labels) ?? new Map<number, number>();
      this.stored.set(labels, known.set(timeMs, value));
      if (known.size > MAX_KNOWN) known.delete(known.keys().next().value!);
      this.#newestMs.set(labels, timeMs);
    }
    return { status: 204 };
  }

  #contradict(labels: string, timeMs: number, what: string): void {
    const readable = labels.replaceAll(/[^ -~]+/g, ' ');
    this.contradictions.push(`${readable} at ${new Date(timeMs).toISOString()}: ${what}`);
  }
}

/** Reads a WriteRequest of series with samples: the labels as the bytes they are, in Latin-1. */
function* decodeRequest(bytes: Buffer): Iterable<{ labels: string; value: number; timeMs: number }> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const expect = (tag: number) => {
    if (bytes[at++] !== tag) throw new Error(`a target reads ${bytes[at - 1]} where ${tag} is due`);
  };
  while (at < bytes.length) {
    expect(0x0a);
    const end = varint() + at;
    const from = at;
    while (bytes[at] === 0x0a) {
      at++;
      at = varint() + at;
    }
    const labels = bytes.toString('latin1', from, at);
    while (at < end) {
      expect(0x12);
      varint();
      expect(0x09);
      const value = bytes.readDoubleLE(at);
      at += 8;
      expect(0x10);
      yield { labels, value, timeMs: varint() };
    }
  }
}

function text(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: Buffer.from(body) };
}
