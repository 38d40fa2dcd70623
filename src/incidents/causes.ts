import type { Cause, Incident, Member } from './incident.js';
import type { Population } from './population.js';

const MAX_CAUSES = 5;
/** What all members share is the likeliest cause unless something began clearly before it. */
const SHARED_WEIGHT = 0.5;
/** A part of the incident with fewer of its series in alarm than this is no cause of it. */
const MIN_SHARE = 0.5;
/** Any of the first may be a coincidence, and so may be one in twenty of those that follow. */
const FIRST_MEMBERS = 5;
const STRAY_SHARE = 0.05;

interface Part {
  readonly pair: number;
  readonly members: Member[];
  readonly metrics: Set<number>;
}

/**
 * Ranks where an incident may come from: the label value that all members share, and those of parts of it that began before
 * all others. The weight of a part is its lead, compared with how the onsets of the others are spread, times the share of its series in
 * alarm, plus the share of other members that name its value in another label (`upstream="payments-db"`).
 */
export function causesOf(
  incident: Pick<Incident, 'members' | 'groupedBy' | 'of'>,
  population: Population,
  count: (pair: number, metric: number) => number,
): Cause[] {
  const { members, groupedBy, of } = incident;
  if (members.length < 2) return [];
  const causes: Cause[] = [];
  if (groupedBy !== undefined) {
    const firstMs = members[0]!.onsetMs;
    causes.push({
      label: groupedBy,
      series: members.length,
      of,
      firstMs,
      leadMs: 0,
      connected: 0,
      weight: SHARED_WEIGHT,
    });
  }
  for (const part of leadingParts(members)) {
    const cause = causeOf(part, members, population, count);
    if (cause !== undefined) causes.push(cause);
  }
  const text = ({ label }: Cause) => `${label.name}\u0000${label.value}`;
  return causes
    .sort((a, b) => b.weight - a.weight || b.series - a.series || (text(a) < text(b) ? -1 : 1))
    .slice(0, MAX_CAUSES);
}

/** The label values of the first members that not all have: what leads has to be among them. */
function leadingParts(members: readonly Member[]): Part[] {
  const parts = new Map<number, Part>();
  // Without metric name and rule: neither is where something comes from.
  for (const { pairs } of members.slice(0, FIRST_MEMBERS)) {
    for (const pair of pairs.subarray(2)) parts.set(pair, { pair, members: [], metrics: new Set() });
  }
  for (const member of members) {
    for (const pair of member.pairs) {
      const part = parts.get(pair);
      part?.members.push(member);
      part?.metrics.add(member.pairs[0]!);
    }
  }
  return [...parts.values()].filter((part) => part.members.length < members.length);
}

function causeOf(
  { pair, members: own, metrics }: Part,
  members: readonly Member[],
  population: Population,
  count: (pair: number, metric: number) => number,
): Cause | undefined {
  const label = population.pair(pair);
  const ours = new Set(own);
  const others = members.filter((member) => !ours.has(member));
  let of = 0;
  for (const metric of metrics) of += count(pair, metric);
  of = Math.max(of, own.length);
  const share = own.length / of;
  // Members are in order of onset.
  const followMs = others[Math.floor(STRAY_SHARE * others.length)]!.onsetMs;
  const leadMs = Math.max(0, followMs - own[Math.floor(own.length / 2)]!.onsetMs);
  const spreadMs = others[Math.floor(others.length / 2)]!.onsetMs - followMs;
  if (leadMs === 0 || share < MIN_SHARE) return undefined;
  const connected = others.filter(({ labels }) =>
    labels.some(({ name, value }) => name !== label.name && value === label.value),
  ).length;
  const weight = (share * leadMs) / (leadMs + spreadMs) + connected / others.length;
  return { label, series: own.length, of, firstMs: own[0]!.onsetMs, leadMs, connected, weight };
}
