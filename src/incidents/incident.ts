import type { MarkerEvent } from '../markers/marker-event.js';
import type { Labels } from '../model/labels/labels.js';
import type { Pair } from './population.js';

/** One series in an incident, from its first alarm in it to its last. */
export interface Member {
  /** The labels as text: what members that began at one time are ordered by. */
  readonly key: string;
  readonly labels: Labels;
  readonly rule: string;
  /** As `Population` numbers them, in use as long as the incident is open. */
  readonly pairs: Int32Array;
  /** Start of its first step in alarm; of a missing series its last sample. */
  onsetMs: number;
  /** End of its last step in alarm. */
  lastMs: number;
  /** Alarms of it no further apart than this are one. */
  gapMs: number;
  peakScore: number;
  /** What was rare about it, or `missing_series`. */
  kind: string;
  side: 'above' | 'below' | 'missing';
  incident: Incident | undefined;
}

/** Where an incident may come from: a hint by order of time, share and connection, and not the truth. */
export interface Cause {
  readonly label: Pair;
  /** How many of its series are members, of how many that there are of the same metrics. */
  readonly series: number;
  readonly of: number;
  readonly firstMs: number;
  /** How long before all other members it began; 0 where it did not. */
  readonly leadMs: number;
  /** Of the other members, how many have its value in a label of another name. */
  readonly connected: number;
  /** In [0, 2]; the causes of an incident are in its order. */
  readonly weight: number;
}

/** What happened from outside shortly before, such as a deployment: a hint as well. */
export interface EventCause {
  /** The first of them. */
  readonly event: MarkerEvent;
  /** How many things it happened to alike. */
  readonly events: number;
  /** How many members it may concern, of the first 500. */
  readonly series: number;
  /** When the first of these members began. */
  readonly firstMs: number;
  /** How long before that it was seen; 0 where that was a little later. */
  readonly leadMs: number;
}

/** Alarms that belong together. */
export interface Incident {
  readonly id: string;
  startMs: number;
  /** End of its last alarm. */
  lastMs: number;
  isOpen: boolean;
  /** When the newest of its members was first reported. */
  grewMs: number;
  /** The label value that brought its members together; undefined for a single series, and where it is the whole fleet. */
  groupedBy: Pair | undefined;
  /** How many series of the members' metrics have that value: "50 of 52". */
  of: number;
  /** The labels, metric name and rule that all members have. */
  shared: readonly Pair[];
  /** In order of onset, then of the labels; once it is closed the first 500. */
  members: Member[];
  /** How many members it has had, of which `members` may be the first only. */
  series: number;
  missingSeries: number;
  peakScore: number;
  /** The most members in alarm at one time. */
  peakSeries: number;
  causes: readonly Cause[];
  /** What happened before, at most three; it is likelier to be the cause than `causes`. */
  events: readonly EventCause[];
  /** Ids of incidents that turned out to be part of this one, the last 20. */
  formerIds: readonly string[];
}

/** By time of onset, then by labels, so that the order in which series are evaluated does not matter. */
export function byOnset(a: Member, b: Member): number {
  return a.onsetMs - b.onsetMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
