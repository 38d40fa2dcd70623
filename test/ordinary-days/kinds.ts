import type { Instance } from './instance.js';
import { deploy, gap, outage, surge } from './level-kinds.js';
import { constant, daylightSaving, growth, noisier, queue, sawtooth, stuckOn } from './other-kinds.js';
import { nightOutage, stuck } from './quiet-kinds.js';
import { batchJob, rareEvents, recurringJob } from './rare-kinds.js';
import { degradation, latency, young } from './slow-kinds.js';

/** The kinds of ordinary days: each makes from a seed a series whose right alarms are known. */
export const KINDS: Readonly<Record<string, (seed: number) => Instance>> = {
  outage,
  surge,
  deploy,
  gap,
  rare: rareEvents,
  batch: batchJob,
  night: nightOutage,
  stuck,
  job: recurringJob,
  latency,
  degradation,
  young,
  noise: noisier,
  sawtooth,
  'stuck-on': stuckOn,
  constant,
  dst: daylightSaving,
  growth,
  queue,
};
