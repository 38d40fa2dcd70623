import type { Samples } from '#src/model/samples/columns.js';
import { HOUR } from '../fixtures.js';

/** A small seeded generator of uniform numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Samples of a function of the index (and of uniform noise), `stepMs` apart from a Thursday at midnight UTC. */
export function makeSamples(
  length: number,
  stepMs: number,
  value: (i: number, random: () => number) => number,
  seed = 1,
): Samples {
  const random = seededRandom(seed);
  const startMs = 1_700_092_800_000;
  return {
    timesMs: Float64Array.from({ length }, (_, i) => startMs + i * stepMs),
    values: Float64Array.from({ length }, (_, i) => value(i, random)),
  };
}

/** A server metric in hours: a day, a week, a slow rise, a jump at half time, noise. */
export function serverLoad(hours: number, perHour = 1, seed = 1): Samples {
  const length = hours * perHour;
  return makeSamples(
    length,
    HOUR / perHour,
    (i, random) => {
      const hour = i / perHour;
      const day = 10 * Math.sin((2 * Math.PI * hour) / 24) + 3 * Math.cos((4 * Math.PI * hour) / 24);
      const week = 5 * Math.cos((2 * Math.PI * hour) / 168);
      return 60 + 0.01 * hour + day + week + (i > length / 2 ? 8 : 0) + 4 * (random() + random() - 1);
    },
    seed,
  );
}
