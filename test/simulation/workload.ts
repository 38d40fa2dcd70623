import { DAY, HOUR } from '../fixtures.js';
import { Random } from '../ordinary-days/random.js';

/** A scrape comes this often. */
export const SCRAPE_MS = 120_000;

/** A series of the simulated Prometheus: what it is at any time follows from the seed alone. */
export interface SimulatedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** When it is there. */
  readonly fromMs: number;
  readonly toMs: number;
  valueAt(timeMs: number): number;
}

/** What is scraped: series of some kinds, that come and go; with `hasIncidents` some are far off now and then, at the same time. */
export function makeWorkload(
  seed: number,
  startMs: number,
  endMs: number,
  { hasIncidents = false } = {},
): SimulatedSeries[] {
  const random = new Random(seed);
  const lengthMs = endMs - startMs;
  const noise = (salt: number) => {
    const salted = (seed * 31 + salt) | 0;
    return (timeMs: number) => hashNormal(salted, Math.floor(timeMs / SCRAPE_MS));
  };
  const always = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  const daily = (timeMs: number, phase: number) => Math.sin((2 * Math.PI * timeMs) / DAY + phase);
  const [a, b, c, d, e, f] = [1, 2, 3, 4, 5, 6].map(noise) as ReturnType<typeof noise>[];
  const level = random.scale(1, 1e6);
  const phase = random.between(0, 6);
  const perSecond = random.scale(0.1, 1000);
  const comesMs = startMs + lengthMs * random.between(0.1, 0.5);
  const goesMs = startMs + lengthMs * random.between(0.3, 0.6);
  const resetsEveryMs = random.between(5, 30) * HOUR;
  return [
    { name: 'load', valueAt: (t: number) => level * (10 + 3 * daily(t, phase) + a!(t)), ...always },
    { name: 'queue', valueAt: (t: number) => level * Math.exp(0.5 * b!(t)), ...always },
    { name: 'capacity', valueAt: () => level, ...always },
    {
      // With the resets of a process that is restarted now and then.
      name: 'requests_total',
      valueAt: (t: number) => {
        const sinceResetSeconds = (t % resetsEveryMs) / 1000;
        return Math.floor(sinceResetSeconds * perSecond * 10 + 50 * perSecond * (1 + Math.abs(c!(t))));
      },
      ...always,
    },
    {
      name: 'latency_max',
      valueAt: (t: number) => 1 + Math.abs(d!(t)) + daily(t, phase + 1) ** 2,
      ...always,
    },
    { name: 'comes', valueAt: (t: number) => 100 + 10 * daily(t, 0) + e!(t), fromMs: comesMs, toMs: always.toMs },
    { name: 'goes', valueAt: (t: number) => 100 + f!(t), fromMs: always.fromMs, toMs: goesMs },
  ].map((series) => ({
    ...series,
    valueAt: (t: number) => (hasIncidents && isOff(series.name, seed, t) ? 4 : 1) * series.valueAt(t),
    labels: { __name__: series.name, instance: 'a', job: 'simulation' },
  }));
}

/** A counter that is multiplied would fall. */
const MAY_BE_OFF = ['load', 'latency_max', 'comes'];
const INCIDENT_EVERY_MS = 8 * HOUR;

/** Whether a series is far off: for up to an hour, a few times a day, with others. */
function isOff(name: string, seed: number, timeMs: number): boolean {
  const place = MAY_BE_OFF.indexOf(name);
  if (place < 0) return false;
  const period = Math.floor(timeMs / INCIDENT_EVERY_MS);
  const [begins, lasts] = [hashUniform(seed, 4 * period), hashUniform(seed, 4 * period + 1)];
  const isPart = hashUniform(seed + 1 + place, 4 * period + 2) < 0.7;
  const sinceMs = timeMs - period * INCIDENT_EVERY_MS - begins * (INCIDENT_EVERY_MS - HOUR);
  return isPart && sinceMs >= 0 && sinceMs < (0.2 + 0.8 * lasts) * HOUR;
}

/** The scrapes in [fromMs, toMs). */
export function* scrapeTimes(fromMs: number, toMs: number): Iterable<number> {
  for (
    let timeMs = Math.ceil((fromMs - SCRAPE_OFFSET_MS) / SCRAPE_MS) * SCRAPE_MS + SCRAPE_OFFSET_MS;
    timeMs < toMs;
    timeMs += SCRAPE_MS
  )
    yield timeMs;
}

/** Scrapes are not at the boundaries of steps. */
const SCRAPE_OFFSET_MS = 17_123;

export function isThere({ fromMs, toMs }: SimulatedSeries, timeMs: number): boolean {
  return timeMs >= fromMs && timeMs < toMs;
}

/** A standard normal number that two integers stand for. */
function hashNormal(a: number, b: number): number {
  const u = hashUniform(a, 2 * b);
  const v = hashUniform(a, 2 * b + 1);
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
}

function hashUniform(a: number, b: number): number {
  let t = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77)) | 0;
  t = Math.imul(t ^ (t >>> 15), 0x2c1b3c6d);
  t = Math.imul(t ^ (t >>> 12), 0x297a2d39);
  return ((t ^ (t >>> 15)) >>> 0) / 2 ** 32;
}
