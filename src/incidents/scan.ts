import { METRIC_NAME } from '../model/labels/labels.js';
import { CLEAR_SHARE, type Group } from './group.js';
import { beganTogether, groupsOfFew } from './groups-of-few.js';
import type { Member } from './incident.js';
import { logLikelihood, MIN_EVIDENCE } from './log-likelihood.js';
import { type Population, RULE } from './population.js';
import { sortInSlices } from './sort-in-slices.js';

/** A label value is the reason only if this share of its series, of the metrics in alarm, is in alarm. */
const MIN_SHARE = 0.2;
/** And if the share is this many times that of all other series. */
const MIN_LIFT = 3;
/** Fewer others are no incident that an alarm could be beside. */
const MIN_OTHERS = 3;
/** How much is done between two pauses. */
const SERIES_A_SLICE = 1024;
const MEMBERS_A_SLICE = 128;
const CANDIDATES_A_SLICE = 32;
const PAIRS_A_SLICE = 512;

export interface Scan {
  readonly groups: readonly Group[];
  /** How many series of a metric have a label value, where one of them is in alarm. */
  readonly count: (pair: number, metric: number) => number;
}

/** One metric of the series with a label value. */
interface Cell {
  inAlarm: number;
  series: number;
}

interface Candidate {
  readonly pair: number;
  readonly text: string;
  readonly cells: Cell[];
  readonly members: Member[];
  /** Series with the label value, of any metric. */
  all: number;
  evidence: number;
}

/**
 * Groups alarms by the label values that explain them best. Each value is judged by Kulldorff's scan statistic for Bernoulli
 * data (Communications in Statistics 26, 1997): the logarithm of how much likelier the alarms are with one rate among its
 * series and another among all others than with one rate for all. Purity and breadth are weighed by it: of two deployments in
 * one namespace it prefers the two services, of a database that all of the namespace use, the namespace. Only metrics of which
 * some series with the value is in alarm count; for this choice, and for the best of so many values, the evidence is reduced
 * (union bound). The best value takes its alarms, then the next one by what is left.
 *
 * Yields between pieces of work. The result depends on the sets of series and alarms, not on their order.
 */
export function* findGroups(population: Population, members: readonly Member[]): Generator<void, Scan> {
  const cells = new Map<number, Cell>();
  const metricsTop = population.pairsTop;
  const cellOf = (pair: number, metric: number) => cells.get(pair * metricsTop + metric);
  const byPair = yield* candidatesOf(population, members, cells, metricsTop);
  const total = { inAlarm: members.length, series: Math.max(population.size, members.length) };
  const candidates: Candidate[] = [];
  let tried = 0;
  for (const [pair, candidate] of byPair.entries()) {
    if (pair % PAIRS_A_SLICE === PAIRS_A_SLICE - 1) yield;
    if (candidate === undefined || candidate.members.length === 1) continue;
    candidates.push(candidate);
    // What all series have explains nothing, and is not tried.
    if (sizeOf(candidate) < total.series) tried++;
  }
  const penalty = Math.log(Math.max(1, tried));
  const rate = (candidate: Candidate) => {
    candidate.evidence = evidenceOf(candidate, total) - penalty;
  };
  for (const [i, candidate] of candidates.entries()) {
    if (i % CANDIDATES_A_SLICE === CANDIDATES_A_SLICE - 1) yield;
    rate(candidate);
  }
  yield;
  const likely = candidates.filter(({ evidence }) => evidence >= MIN_EVIDENCE);
  const queue = yield* sortInSlices(likely, byEvidence);

  const groups: Group[] = [];
  const taken = new Set<Member>();
  let takenSeries = 0;
  let work = 0;
  while (queue.length > 0) {
    if (work > MEMBERS_A_SLICE) {
      work = 0;
      yield;
    }
    const best = queue.pop()!;
    work += MEMBERS_A_SLICE / CANDIDATES_A_SLICE;
    const before = best.evidence;
    rate(best);
    if (best.evidence < MIN_EVIDENCE) continue;
    if (best.evidence < before && queue.length > 0 && byEvidence(best, queue.at(-1)!) < 0) {
      queue.splice(placeOf(queue, best), 0, best);
      continue;
    }
    work += best.members.length;
    const own = best.members.filter((member) => !taken.has(member));
    const take = (members: readonly Member[]) => {
      for (const member of members) {
        taken.add(member);
        for (const pair of member.pairs) cellOf(pair, member.pairs[0]!)!.inAlarm--;
      }
    };
    const strays = straysOf(own);
    if (strays.length > 0) {
      take(strays);
      queue.splice(placeOf(queue, best), 0, best);
      continue;
    }
    if (isMixture(best, own, { byPair, population, penalty, total })) continue;
    const of = sizeOf(best);
    groups.push({ pair: best.pair, members: own, of });
    takenSeries += of;
    for (let from = 0; from < own.length; from += MEMBERS_A_SLICE) {
      take(own.slice(from, from + MEMBERS_A_SLICE));
      yield;
    }
  }
  yield;
  const left = members.filter((member) => !taken.has(member));
  const leftSeries = Math.max(total.series - takenSeries, left.length);
  const few = {
    population,
    series: leftSeries,
    sizeOf: (pair: number) => sizeOf(byPair[pair]!),
    choiceOf: (pair: number) => choiceOf(byPair[pair]!),
  };
  groups.push(...(yield* groupsOfFew(left, few)));
  return { groups, count: (pair, metric) => cellOf(pair, metric)?.series ?? 0 };
}

/**
 * Alarms that began with no other one of a value, and are the only ones of their metrics: that their metric is one of the incident's is
 * likelier than chance in a fleet of a hundred series, and they have nothing to do with it. `own` is in order of onset.
 */
function straysOf(own: readonly Member[]): Member[] {
  const byMetric = new Map<number, number>();
  for (const { pairs } of own) byMetric.set(pairs[0]!, (byMetric.get(pairs[0]!) ?? 0) + 1);
  if (byMetric.size === 1) return [];
  const isApart = (a: Member | undefined, b: Member | undefined) =>
    a === undefined || b === undefined || !beganTogether(a, b);
  const strays = own.filter(
    (member, i) => byMetric.get(member.pairs[0]!) === 1 && isApart(own[i - 1], member) && isApart(member, own[i + 1]),
  );
  return own.length - strays.length < MIN_OTHERS ? [] : strays;
}

/** Counts alarms and series by label value and metric; returns the values that alarms have, by pair. */
function* candidatesOf(
  population: Population,
  members: readonly Member[],
  cells: Map<number, Cell>,
  metricsTop: number,
): Generator<void, (Candidate | undefined)[]> {
  const byPair: (Candidate | undefined)[] = [];
  for (const [i, member] of members.entries()) {
    if (i % MEMBERS_A_SLICE === MEMBERS_A_SLICE - 1) yield;
    const metric = member.pairs[0]!;
    for (const pair of member.pairs) {
      byPair[pair] ??= { pair, text: textOf(population, pair), cells: [], members: [], all: 0, evidence: 0 };
      const candidate = byPair[pair]!;
      candidate.members.push(member);
      const key = pair * metricsTop + metric;
      let cell = cells.get(key);
      if (cell === undefined) {
        cell = { inAlarm: 0, series: 0 };
        cells.set(key, cell);
        candidate.cells.push(cell);
      }
      cell.inAlarm++;
    }
  }
  yield;
  for (let series = 0; series < population.top; series++) {
    if (series % SERIES_A_SLICE === SERIES_A_SLICE - 1) yield;
    const metric = population.pairAt(series, 0);
    if (metric < 0) continue;
    const isMetricInAlarm = byPair[metric] !== undefined;
    for (let i = 0, pair = metric; pair >= 0; pair = population.pairAt(series, ++i)) {
      const candidate = byPair[pair];
      if (candidate === undefined) continue;
      candidate.all++;
      const cell = isMetricInAlarm ? cells.get(pair * metricsTop + metric) : undefined;
      if (cell !== undefined) cell.series++;
    }
  }
  return byPair;
}

/** The scan statistic of a candidate by the alarms it has left, less the bound for the choice of its metrics; −∞ where it is none. */
function evidenceOf(candidate: Candidate, total: { inAlarm: number; series: number }): number {
  const inAlarm = inAlarmOf(candidate);
  const series = sizeOf(candidate);
  if (inAlarm < 2 || inAlarm < MIN_SHARE * series || series >= total.series) return Number.NEGATIVE_INFINITY;
  const othersInAlarm = total.inAlarm - inAlarm;
  const others = total.series - series;
  if (inAlarm * others < MIN_LIFT * othersInAlarm * series) return Number.NEGATIVE_INFINITY;
  const statistic =
    logLikelihood(inAlarm, series) + logLikelihood(othersInAlarm, others) - logLikelihood(total.inAlarm, total.series);
  return statistic - choiceOf(candidate);
}

/**
 * Whether the alarms of a value are better explained by several values of another label, each with a rate of its own, than by
 * one rate for all: two deployments in one namespace are two, though hardly anything else is in alarm there. Each value that is
 * needed costs what its choice does (minimum description length).
 */
function isMixture(
  candidate: Candidate,
  own: readonly Member[],
  context: {
    byPair: readonly (Candidate | undefined)[];
    population: Population;
    penalty: number;
    total: { inAlarm: number; series: number };
  },
): boolean {
  const { byPair, population, penalty, total } = context;
  const series = sizeOf(candidate);
  if (own.length >= CLEAR_SHARE * series) return false;
  const price = (of: Candidate) => penalty + MIN_EVIDENCE + choiceOf(of);
  const asOne = logLikelihood(own.length, series) - price(candidate);
  /** By label name: how many of the alarms have each value of it. */
  const names = new Map<string, Map<number, number>>();
  for (const { pairs } of own) {
    for (const pair of pairs.subarray(2)) {
      const { name } = population.pair(pair);
      const values = names.get(name) ?? new Map<number, number>();
      names.set(name, values.set(pair, (values.get(pair) ?? 0) + 1));
    }
  }
  for (const values of names.values()) {
    let found = 0;
    let asSeveral = 0;
    for (const [pair, count] of values) {
      found += count;
      const part = byPair[pair]!;
      // A single one is taken for chance.
      asSeveral +=
        count === 1 ? Math.log(total.inAlarm / total.series) : logLikelihood(count, sizeOf(part)) - price(part);
    }
    if (values.size > 1 && found === own.length && asSeveral > asOne) return true;
  }
  return false;
}

function inAlarmOf({ cells }: Candidate): number {
  return cells.reduce((sum, cell) => sum + cell.inAlarm, 0);
}

/** What the choice of metrics costs: there are at most (e·M/m)^m ways to choose m of M. */
function choiceOf(candidate: Candidate): number {
  const metrics = candidate.cells.reduce((count, cell) => count + (cell.inAlarm > 0 ? 1 : 0), 0);
  return metrics * (1 + Math.log(Math.max(1, candidate.all / sizeOf(candidate))));
}

/** How many series a candidate has of the metrics that are in alarm. */
function sizeOf({ cells }: Candidate): number {
  let series = 0;
  // A series may have been removed while its alarm is remembered.
  for (const cell of cells) if (cell.inAlarm > 0) series += Math.max(cell.series, cell.inAlarm);
  return series;
}

/** Ascending; of two alike the one whose text comes later is the first. */
function byEvidence(a: Candidate, b: Candidate): number {
  return a.evidence - b.evidence || (a.text < b.text ? 1 : -1);
}

/** Where a candidate belongs in an ascending queue. */
function placeOf(queue: readonly Candidate[], candidate: Candidate): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byEvidence(queue[middle]!, candidate) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of values that explain the same, a label says more than a metric name, and that more than a rule. */
function textOf(population: Population, pair: number): string {
  const { name, value } = population.pair(pair);
  const rank = name === RULE ? 2 : name === METRIC_NAME ? 1 : 0;
  return `${rank}${name}\u0000${value}`;
}
