import { type Buckets, GROWTH_EXPERTS, GrowthExperts } from './growth-experts.js';

/** The experts' past errors are looked at this many days ahead: an hour, six hours, a day, three days. */
const LEAD_DAYS = [1 / 24, 1 / 4, 1, 3];
/** From this many days back, every so much of a day; a day counts twice as much as two days before. */
const LEARNT_DAYS = 8;
const EVERY_DAYS = 1 / 12;
const HALF_LIFE_DAYS = 2;
/** An expert needs this share of the past forecasts that the one with the most has. */
const MIN_SHARE = 0.25;
/** Of experts that were never wrong none is infinitely better. */
const LEAST_ERROR = 1e-4;
/** Scratch for what the experts say of one time. */
const EXPECTED = new Float64Array(GROWTH_EXPERTS);

/** What was learnt at one lead: how each expert did, how much it counts, and how far the truth was below and above what all of them expected. */
interface Lead {
  readonly ahead: number;
  /** Mean squared errors over that of the best; NaN of those with too few. */
  readonly errors: Float64Array;
  readonly weights: Float64Array;
  readonly below: number;
  readonly above: number;
}

/**
 * What becomes of a series if it goes on growing as it does. Each of several experts (`GrowthExperts`) counts by the inverse of its mean
 * squared error on this series, at leads from an hour to three days, learnt from the buckets themselves: what each would have
 * said then is compared with what came. They are combined by their weighted median, so that one that is far off moves nothing.
 * The interval is what that combination missed by.
 */
export class Growth {
  readonly #experts: GrowthExperts;
  readonly #leads: readonly Lead[];

  /** `tail`: the share of the past errors that is left out at either edge of the interval. */
  constructor(buckets: Buckets, tail: number) {
    const { values, perDay } = buckets;
    const newest = values.length - 1;
    this.#experts = new GrowthExperts(buckets);
    const leads: Lead[] = [];
    for (const ahead of new Set(LEAD_DAYS.map((days) => Math.max(1, Math.round(days * perDay))))) {
      const lead = this.#learn(values, leads, { ahead, perDay, tail });
      if (lead !== undefined) leads.push(lead);
    }
    this.#leads = leads;
    this.#experts.startAt(newest);
  }

  /** Writes [expected, lower, upper], `ahead` ≥ 1 buckets after the newest one; NaN where nothing can be said. */
  at(ahead: number, interval: Float64Array): void {
    this.#experts.ask(ahead, EXPECTED);
    const [before, after, share] = this.#around(ahead);
    const weights = EXPECTED.map((_, i) => mixed(before?.weights[i] ?? 1, after?.weights[i] ?? 1, share));
    const expected = weightedMedian(EXPECTED, weights);
    const spread = before === undefined ? 0 : spreadBeyond(ahead, this.#leads);
    interval[0] = expected;
    interval[1] = expected + spread * mixed(before?.below ?? 0, after?.below ?? 0, share);
    interval[2] = expected + spread * mixed(before?.above ?? 0, after?.above ?? 0, share);
  }

  /** The leads that were learnt on either side of one, and where it is between them in the logarithm. */
  #around(ahead: number): [before: Lead | undefined, after: Lead | undefined, share: number] {
    const leads = this.#leads;
    const next = leads.findIndex((lead) => lead.ahead >= ahead);
    if (next === 0) return [leads[0], leads[0], 0];
    if (next < 0) return [leads.at(-1), leads.at(-1), 0];
    const [before, after] = [leads[next - 1]!, leads[next]!];
    return [before, after, Math.log(ahead / before.ahead) / Math.log(after.ahead / before.ahead)];
  }

  #learn(
    values: Float64Array,
    shorter: readonly Lead[],
    { ahead, perDay, tail }: { ahead: number; perDay: number; tail: number },
  ): Lead | undefined {
    const newest = values.length - 1 - ahead;
    const every = Math.max(1, Math.round(EVERY_DAYS * perDay));
    const oldest = Math.max(0, newest - LEARNT_DAYS * perDay);
    const [sums, counts] = [new Float64Array(GROWTH_EXPERTS), new Float64Array(GROWTH_EXPERTS)];
    const said: Float64Array[] = [];
    const came: number[] = [];
    for (let origin = newest; origin >= oldest; origin -= every) {
      const truth = values[origin + ahead]!;
      if (Number.isNaN(truth) || !this.#experts.startAt(origin)) continue;
      const expected = new Float64Array(GROWTH_EXPERTS);
      this.#experts.ask(ahead, expected);
      const weight = 0.5 ** ((newest - origin) / perDay / HALF_LIFE_DAYS);
      for (let i = 0; i < GROWTH_EXPERTS; i++) {
        if (Number.isNaN(expected[i]!)) continue;
        sums[i]! += weight * (expected[i]! - truth) ** 2;
        counts[i]! += weight;
      }
      said.push(expected);
      came.push(truth);
    }
    if (said.length === 0) return undefined;
    const errors = relativeErrors(sums, counts);
    const weights = weightsOf([...shorter.map((lead) => lead.errors), errors]);
    const missed = Float64Array.from(said, (expected, i) => came[i]! - weightedMedian(expected, weights)).sort();
    // Of three days there are hardly three in eight that do not overlap: that of a day, of which there are more, grows by chance alone.
    const day = ahead > perDay ? shorter.at(-1) : undefined;
    const grown = day === undefined ? 0 : Math.sqrt(ahead / day.ahead);
    const below = Math.min(0, quantile(missed, tail), grown * (day?.below ?? 0));
    const above = Math.max(0, quantile(missed, 1 - tail), grown * (day?.above ?? 0));
    return { ahead, errors, weights, below, above };
  }
}

/** By how much errors are wider than those that were learnt: with the root of shorter times, as noise, and as longer ones, as a slope. */
function spreadBeyond(ahead: number, leads: readonly Lead[]): number {
  const [first, last] = [leads[0]!.ahead, leads.at(-1)!.ahead];
  if (ahead < first) return Math.sqrt(ahead / first);
  return ahead > last ? ahead / last : 1;
}

function relativeErrors(sums: Float64Array, counts: Float64Array): Float64Array {
  const most = Math.max(...counts);
  const errors = sums.map((sum, i) => (counts[i]! > MIN_SHARE * most ? sum / counts[i]! : Number.NaN));
  const least = Math.min(...errors.filter((error) => !Number.isNaN(error)));
  const floor = Math.max(LEAST_ERROR * least, Number.MIN_VALUE);
  return errors.map((error) => (error + floor) / (least + floor));
}

/**
 * The inverse of the mean of an expert's errors at this lead and all shorter ones: growth that became another one shows in the short
 * ones first, and of a young series only the line is old enough to have been wrong at the long ones. 0 of those that were heard at none.
 */
function weightsOf(errors: readonly Float64Array[]): Float64Array {
  return errors.at(-1)!.map((_, i) => {
    const known = errors.map((each) => each[i]!).filter((error) => !Number.isNaN(error));
    return known.length === 0 ? 0 : known.length / known.reduce((sum, error) => sum + error, 0);
  });
}

/** The value that half of the weight is below, between two values in proportion; NaN of none. */
function weightedMedian(values: Float64Array, weights: Float64Array): number {
  const order = [...values.keys()].filter((i) => !Number.isNaN(values[i]!) && weights[i]! > 0);
  order.sort((a, b) => values[a]! - values[b]!);
  const half = order.reduce((sum, i) => sum + weights[i]!, 0) / 2;
  let [below, value, middle] = [0, Number.NaN, 0];
  for (const i of order) {
    const own = below + weights[i]! / 2;
    if (own >= half)
      return Number.isNaN(value) ? values[i]! : mixed(value, values[i]!, (half - middle) / (own - middle));
    [below, value, middle] = [below + weights[i]!, values[i]!, own];
  }
  return value;
}

/** Of ascending values. */
function quantile(values: Float64Array, share: number): number {
  return values[Math.min(values.length - 1, Math.max(0, Math.ceil(share * values.length) - 1))]!;
}

function mixed(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
