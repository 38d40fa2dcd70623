import { CLEAR_SHARE, type Group } from './group.js';
import type { Member } from './incident.js';
import { logLikelihood, MIN_EVIDENCE } from './log-likelihood.js';
import type { Population } from './population.js';

/** Alarms that no label value explains are one group if they are this share of the series that no group has. */
const WHOLE_FLEET_SHARE = 0.5;
const MIN_WHOLE_FLEET = 3;
/** They have to begin one after the other, no further apart than this share of the gap within which alarms are one. */
const MAX_APART = 0.5;
const MEMBERS_A_SLICE = 128;
const VALUES_A_SLICE = 128;
const RUNS_A_SLICE = 1024;

interface Context {
  readonly population: Population;
  /** How many series no group has. */
  readonly series: number;
  /** How many series of the metrics in alarm have a label value that alarms have. */
  readonly sizeOf: (pair: number) => number;
  /** By how much the choice of these metrics reduces the evidence for a label value. */
  readonly choiceOf: (pair: number) => number;
}

/**
 * Groups the alarms that no single label value explains, as happens in a fleet of a dozen series, where one alarm more or less
 * outweighs what counts can say. First several values of one label are tried together: of two services that are deployed at once
 * each hides the other. Where the rest is much of all series, those that began one after the other are one group. `left` is in order of onset.
 */
export function* groupsOfFew(left: readonly Member[], context: Context): Generator<void, Group[]> {
  if (left.length < MIN_WHOLE_FLEET) return [];
  const parts = yield* bestSplit(left, context);
  const taken = new Set(parts.flatMap(({ members }) => members));
  const rest = left.filter((member) => !taken.has(member));
  const restSeries = context.series - parts.reduce((sum, { of }) => sum + of, 0);
  yield;
  const runs = yield* inOneGo(rest);
  const together = runs.filter(
    (members) => members.length >= MIN_WHOLE_FLEET && members.length >= WHOLE_FLEET_SHARE * restSeries,
  );
  return [...parts, ...together.map((members) => groupOf(members, restSeries, context))];
}

/**
 * The values of one label of which most series are in alarm, if one rate for the series with any of them and another for the rest is
 * likelier than one for all, by more than the choice of label and values explains. None, where no label divides the series so.
 */
function* bestSplit(
  left: readonly Member[],
  { population, series, sizeOf, choiceOf }: Context,
): Generator<void, Group[]> {
  const names = new Map<string, Map<number, Member[]>>();
  for (const [i, member] of left.entries()) {
    if (i % MEMBERS_A_SLICE === MEMBERS_A_SLICE - 1) yield;
    for (const pair of member.pairs.subarray(2)) {
      const { name } = population.pair(pair);
      const values = names.get(name) ?? new Map<number, Member[]>();
      names.set(name, values);
      const members = values.get(pair);
      if (members === undefined) values.set(pair, [member]);
      else members.push(member);
    }
  }
  const atAll = logLikelihood(left.length, series);
  let best: Group[] = [];
  let most = MIN_EVIDENCE;
  for (const [name, values] of names) {
    const parts: (Group & { readonly pair: number })[] = [];
    let done = 0;
    for (const [pair, members] of values) {
      if (++done % VALUES_A_SLICE === 0) yield;
      if (members.length === 1) continue;
      const of = sizeOf(pair);
      if (members.length >= CLEAR_SHARE * of) parts.push({ pair, members, of });
    }
    yield;
    const inAlarm = parts.reduce((sum, { members }) => sum + members.length, 0);
    const size = parts.reduce((sum, { of }) => sum + of, 0);
    const metrics = parts.reduce((sum, { pair }) => sum + choiceOf(pair), 0);
    const choice = logChoices(population.valuesOf(name), parts.length) + Math.log(names.size) + metrics;
    const evidence =
      logLikelihood(inAlarm, size) + logLikelihood(left.length - inAlarm, series - size) - atAll - choice;
    if (parts.length > 0 && size < series && evidence > most) [best, most] = [parts, evidence];
  }
  return best;
}

/** Whether two alarms, in order of onset, began one after the other. */
export function beganTogether(a: Member, b: Member): boolean {
  return b.onsetMs - a.onsetMs <= MAX_APART * b.gapMs;
}

/** Runs of members that began one after the other. */
function* inOneGo(members: readonly Member[]): Generator<void, Member[][]> {
  const runs: Member[][] = [];
  for (const [i, member] of members.entries()) {
    if (i % RUNS_A_SLICE === RUNS_A_SLICE - 1) yield;
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (before !== undefined && beganTogether(before, member)) run!.push(member);
    else runs.push([member]);
  }
  return runs;
}

/** By the narrowest label value that all of them have, if it is narrower than the whole fleet. */
function groupOf(members: readonly Member[], series: number, { sizeOf }: Context): Group {
  const [first, ...others] = members;
  let narrowest: Group = { pair: undefined, members, of: series };
  for (const pair of first!.pairs.subarray(2)) {
    if (!others.every(({ pairs }) => pairs.includes(pair))) continue;
    const of = sizeOf(pair);
    if (of < narrowest.of && members.length >= CLEAR_SHARE * of) narrowest = { pair, members, of };
  }
  return narrowest;
}

/** ln of in how many ways k of n can be chosen. */
function logChoices(n: number, k: number): number {
  let sum = 0;
  for (let i = 0; i < k; i++) sum += Math.log((n - i) / (i + 1));
  return sum;
}
