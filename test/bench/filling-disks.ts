import { DAY, HOUR, MINUTE } from '../fixtures.js';

/** A disk that fills up: a value every ten minutes. */
export interface Disk {
  readonly name: string;
  readonly kind: string;
  readonly values: Float64Array;
  /** The level at which it is full, and when it first is. */
  readonly limit: number;
  readonly fullMs: number;
}

const STEP_MS = 10 * MINUTE;
const KINDS = ['steady', 'daily', 'weekly', 'cleanups', 'faster'] as const;
const PER_KIND = 12;
const DAYS = 20;
/** When the disks are full. */
const FULL_FROM_DAY = 14;

/** Disks whose growth is steady, of working hours, of working days, interrupted by daily cleanups, and one that doubles two days before the end; of seeds from `first` on. */
export function fillingDisks(first: number): Disk[] {
  return KINDS.flatMap((kind) => Array.from({ length: PER_KIND }, (_, i) => fillingDisk(kind, first + i)));
}

function fillingDisk(kind: (typeof KINDS)[number], seed: number): Disk {
  const random = uniform(seed * 31 + KINDS.indexOf(kind) + 1);
  const steps = (DAYS * DAY) / STEP_MS;
  const values = new Float64Array(steps);
  const aDay = 1 + 2 * random();
  const phase = Math.floor(random() * 24) * HOUR;
  const changeMs = (FULL_FROM_DAY - 2) * DAY + random() * DAY;
  let level = 10 + 20 * random();
  let temporary = 0;
  for (let i = 0; i < steps; i++) {
    const timeMs = i * STEP_MS;
    const ofDay = ((timeMs + phase) % DAY) / DAY;
    const weekday = Math.floor((timeMs + phase) / DAY) % 7;
    const share =
      kind === 'daily'
        ? ofDay < 0.4
          ? 2.5
          : 0
        : kind === 'weekly'
          ? weekday < 5
            ? 1.4
            : 0
          : kind === 'faster' && timeMs > changeMs
            ? 2
            : 1;
    level += (aDay * share * STEP_MS * (0.5 + random())) / DAY;
    // Logs of the day, which are removed at its end.
    temporary = kind !== 'cleanups' || ofDay < STEP_MS / DAY ? 0 : temporary + (2 * aDay * STEP_MS) / DAY;
    values[i] = level + temporary + 0.02 * (random() - 0.5);
  }
  const limit = Math.max(...values.subarray(0, (FULL_FROM_DAY * DAY + random() * 5 * DAY) / STEP_MS));
  const full = values.findIndex((value) => value >= limit);
  return { name: 'disk_used_percent', kind, values, limit, fullMs: (full + 0.5) * STEP_MS };
}

/** Numbers in [0, 1) that are the same at every run (mulberry32). */
function uniform(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
