import { type Instance, lengthText } from './instance.js';
import { KINDS } from './kinds.js';

/** So many variants of a kind at least. */
const MIN_VARIANTS = 3;
/** Seeds that are looked at. */
const MAX_SEED = 12;

/** An instance of a kind that was not chosen for what is said of it. */
export interface Variant {
  /** `outage 7`: the kind, and the seed it is made from. */
  readonly name: string;
  readonly instance: Instance;
}

/**
 * The variants of a kind: of the seeds 1, 2, 3, … up to 12 the first one with each step that the kind draws (10 s, 1 m, 5 m, 1 h),
 * then the next seeds until there are three. A rule and no choice: what is said wrong of them stays among them.
 */
export function variantsOf(kind: string): Variant[] {
  const make = KINDS[kind]!;
  const first = new Map<string, number>();
  for (let seed = 1; seed <= MAX_SEED; seed++) {
    const step = lengthText(make(seed).stepMs);
    if (!first.has(step)) first.set(step, seed);
  }
  const seeds = [...first.values()];
  for (let seed = 1; seeds.length < MIN_VARIANTS; seed++) if (!seeds.includes(seed)) seeds.push(seed);
  return seeds.sort((a, b) => a - b).map((seed) => ({ name: `${kind} ${seed}`, instance: make(seed) }));
}
